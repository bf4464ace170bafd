# What jobs may do unless a policy says otherwise: read the settings of their environment, and keep their own objects.
locals {
  own_path   = "/${var.platform}/${local.region}/${var.environment}/*"
  bucket_arn = "arn:${local.partition}:s3:::${var.artifact_bucket}"

  read_settings = [
    {
      Sid      = "Parameters"
      Effect   = "Allow"
      Action   = ["ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath"]
      Resource = "arn:${local.partition}:ssm:${local.arn_suffix}:parameter${local.own_path}"
    },
    {
      Sid      = "Secrets"
      Effect   = "Allow"
      Action   = ["secretsmanager:GetSecretValue"]
      Resource = "arn:${local.partition}:secretsmanager:${local.arn_suffix}:secret:${local.own_path}"
    },
  ]

  own_objects = [
    {
      Sid      = "OwnObjects"
      Effect   = "Allow"
      Action   = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
      Resource = "${local.bucket_arn}/${var.project}/*"
    },
    {
      Sid       = "ListOwnObjects"
      Effect    = "Allow"
      Action    = ["s3:ListBucket"]
      Resource  = local.bucket_arn
      Condition = { StringLike = { "s3:prefix" = ["${var.project}/*"] } }
    },
  ]

  default_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = concat(local.read_settings, [for statement in local.own_objects : statement if var.artifact_bucket != ""])
  })
}
