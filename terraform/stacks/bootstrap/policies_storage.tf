# Repositories, buckets and log groups: of the projects and of the MLflow server alike.

locals {
  repositories = "${local.arn.ecr}:repository/${local.prefix}/*"
  buckets      = "arn:${local.partition}:s3:::${local.prefix}-*-${local.account}"
  artifacts    = "arn:${local.partition}:s3:::${local.prefix}-mlflow-${local.account}"

  log_groups = [
    "${local.arn.logs}:log-group:/${var.platform}/${var.environment}/*",
    "${local.arn.logs}:log-group:/aws/sagemaker/Endpoints/${local.prefix}-*",
    "${local.arn.logs}:log-group:/aws/rds/instance/${local.prefix}-*",
  ]

  storage = [
    {
      # AWS knows no resource for this one.
      Sid      = "SignIn"
      Effect   = "Allow"
      Action   = "ecr:GetAuthorizationToken"
      Resource = "*"
    },
    {
      Sid    = "Registry"
      Effect = "Allow"
      Action = [
        "ecr:BatchCheckLayerAvailability",
        "ecr:BatchGetImage",
        "ecr:CompleteLayerUpload",
        "ecr:CreateRepository",
        "ecr:DeleteLifecyclePolicy",
        "ecr:DeleteRepository",
        "ecr:GetDownloadUrlForLayer",
        "ecr:InitiateLayerUpload",
        "ecr:PutImage",
        "ecr:PutImageScanningConfiguration",
        "ecr:PutImageTagMutability",
        "ecr:PutLifecyclePolicy",
        "ecr:TagResource",
        "ecr:UntagResource",
        "ecr:UploadLayerPart",
      ]
      Resource = local.repositories
    },
    {
      Sid    = "Buckets"
      Effect = "Allow"
      Action = [
        "s3:CreateBucket",
        "s3:DeleteBucket",
        "s3:DeleteBucketPolicy",
        "s3:ListBucketVersions",
        "s3:PutBucketOwnershipControls",
        "s3:PutBucketPolicy",
        "s3:PutBucketPublicAccessBlock",
        "s3:PutBucketTagging",
        "s3:PutBucketVersioning",
        "s3:PutEncryptionConfiguration",
        "s3:PutLifecycleConfiguration",
      ]
      Resource = local.buckets
    },
    {
      # What an endpoint captured goes with it.
      Sid      = "EmptyBuckets"
      Effect   = "Allow"
      Action   = ["s3:DeleteObject", "s3:DeleteObjectVersion"]
      Resource = "${local.buckets}/*"
    },
    {
      # Every model there ever was: for a person to delete, not for a merge.
      Sid      = "KeepArtifacts"
      Effect   = "Deny"
      Action   = ["s3:DeleteBucket", "s3:DeleteObject", "s3:DeleteObjectVersion"]
      Resource = [local.artifacts, "${local.artifacts}/*"]
    },
    {
      Sid    = "Logs"
      Effect = "Allow"
      Action = [
        "logs:CreateLogGroup",
        "logs:CreateLogStream",
        "logs:DeleteLogGroup",
        "logs:DeleteLogStream",
        "logs:DeleteRetentionPolicy",
        "logs:GetLogEvents",
        "logs:PutRetentionPolicy",
        "logs:TagResource",
        "logs:UntagResource",
      ]
      Resource = local.log_groups
    },
  ]
}
