# What the role may do only while a retained release needs it.
locals {
  bucket_arn = "arn:${data.aws_partition.current.partition}:s3:::${local.bucket}"
  arn_suffix = "${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}"
  ec2        = "arn:${data.aws_partition.current.partition}:ec2:${local.arn_suffix}"

  subnet_ids         = distinct(flatten([for release in var.releases : release.vpc[*].subnet_ids]))
  security_group_ids = distinct(flatten([for release in var.releases : release.vpc[*].security_group_ids]))

  may_capture = [for statement in [{
    Sid      = "Capture"
    Effect   = "Allow"
    Action   = ["s3:PutObject"]
    Resource = ["${local.bucket_arn}/capture/*"]
  }] : statement if local.captures]

  # Listing makes a request that is not there a clear failure instead of a refusal.
  may_queue = [for statement in concat(
    [
      {
        Sid      = "WorkOff"
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"]
        Resource = ["${local.bucket_arn}/async/*"]
      },
      {
        Sid      = "Look"
        Effect   = "Allow"
        Action   = ["s3:ListBucket"]
        Resource = [local.bucket_arn]
      },
    ],
    [for topic in local.told : {
      Sid      = "Tell"
      Effect   = "Allow"
      Action   = ["sns:Publish"]
      Resource = [topic]
    }],
  ) : statement if local.queues]

  may_join = [for statement in [
    {
      Sid    = "JoinNetwork"
      Effect = "Allow"
      Action = [
        "ec2:CreateNetworkInterface",
        "ec2:CreateNetworkInterfacePermission",
        "ec2:DeleteNetworkInterface",
        "ec2:DeleteNetworkInterfacePermission",
      ]
      Resource = concat(
        ["${local.ec2}:network-interface/*"],
        [for id in local.subnet_ids : "${local.ec2}:subnet/${id}"],
        [for id in local.security_group_ids : "${local.ec2}:security-group/${id}"],
      )
    },
    {
      # AWS knows no resource for these.
      Sid    = "SeeNetwork"
      Effect = "Allow"
      Action = [
        "ec2:DescribeDhcpOptions",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcs",
      ]
      Resource = ["*"]
    },
  ] : statement if length(local.subnet_ids) > 0]
}
