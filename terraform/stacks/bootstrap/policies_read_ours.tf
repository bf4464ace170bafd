# What a plan reads of what is ours, by name, and of what AWS names itself.

locals {
  read_ours = [
    {
      Sid       = "ListStates"
      Effect    = "Allow"
      Action    = "s3:ListBucket"
      Resource  = local.bucket_arn
      Condition = { StringLike = { "s3:prefix" = "${var.environment}/*" } }
    },
    {
      Sid      = "ReadStates"
      Effect   = "Allow"
      Action   = "s3:GetObject"
      Resource = "${local.bucket_arn}/${var.environment}/*"
    },
    {
      Sid    = "Buckets"
      Effect = "Allow"
      Action = [
        "s3:GetAccelerateConfiguration",
        "s3:GetBucketAcl",
        "s3:GetBucketCORS",
        "s3:GetBucketLocation",
        "s3:GetBucketLogging",
        "s3:GetBucketObjectLockConfiguration",
        "s3:GetBucketOwnershipControls",
        "s3:GetBucketPolicy",
        "s3:GetBucketPublicAccessBlock",
        "s3:GetBucketRequestPayment",
        "s3:GetBucketTagging",
        "s3:GetBucketVersioning",
        "s3:GetBucketWebsite",
        "s3:GetEncryptionConfiguration",
        "s3:GetLifecycleConfiguration",
        "s3:GetReplicationConfiguration",
      ]
      Resource = [local.bucket_arn, local.buckets]
    },
    {
      # What HeadBucket asks for: names of objects, not what is in them. It names no prefix, so that no condition on one is
      # ever satisfied (hashicorp/terraform-provider-aws#17195), and its refusal says so little that the provider takes the
      # bucket for gone. A state bucket of somebody else is in no stack.
      Sid      = "FindBuckets"
      Effect   = "Allow"
      Action   = "s3:ListBucket"
      Resource = concat([local.buckets], var.own_bucket ? [local.bucket_arn] : [])
    },
    {
      # Jobs may run in a VPC that is not ours.
      Sid    = "Networks"
      Effect = "Allow"
      Action = [
        "ec2:DescribeClientVpnAuthorizationRules",
        "ec2:DescribeClientVpnTargetNetworks",
        "ec2:DescribeVpcAttribute",
      ]
      Resource = concat(local.vpn_endpoints, [local.network_kinds.vpc])
    },
    {
      Sid    = "Roles"
      Effect = "Allow"
      Action = [
        "iam:GetInstanceProfile",
        "iam:GetOpenIDConnectProvider",
        "iam:GetPolicy",
        "iam:GetPolicyVersion",
        "iam:GetRole",
        "iam:GetRolePolicy",
        "iam:ListAttachedRolePolicies",
        "iam:ListInstanceProfilesForRole",
        "iam:ListRolePolicies",
      ]
      Resource = concat(
        [for kind in ["instance-profile", "policy", "role"] : "${local.iam_arn}:${kind}/${local.prefix}-*"],
        [local.provider_arn],
      )
    },
    {
      Sid    = "Registry"
      Effect = "Allow"
      Action = [
        "ecr:DescribeImages",
        "ecr:GetLifecyclePolicy",
        "ecr:ListImages",
        "ecr:ListTagsForResource",
      ]
      Resource = local.repositories
    },
    {
      Sid      = "Logs"
      Effect   = "Allow"
      Action   = ["logs:DescribeLogStreams", "logs:ListTagsForResource"]
      Resource = local.log_groups
    },
    {
      # Why a training failed is said by every plan, whoever waited for it.
      Sid      = "TrainingLogs"
      Effect   = "Allow"
      Action   = "logs:GetLogEvents"
      Resource = "${local.arn.logs}:log-group:/${var.platform}/${var.environment}/*/training:*"
    },
    {
      Sid    = "Alerts"
      Effect = "Allow"
      Action = [
        "cloudwatch:GetDashboard",
        "cloudwatch:ListTagsForResource",
        "events:DescribeRule",
        "events:ListTagsForResource",
        "events:ListTargetsByRule",
        "sns:GetTopicAttributes",
        "sns:ListTagsForResource",
      ]
      Resource = local.alerts
    },
    {
      # By a pattern of names, which only all alarms of the region satisfy.
      Sid      = "Alarms"
      Effect   = "Allow"
      Action   = "cloudwatch:DescribeAlarms"
      Resource = "${local.arn.cloudwatch}:alarm:*"
    },
    {
      Sid      = "Pools"
      Effect   = "Allow"
      Action   = "batch:ListTagsForResource"
      Resource = local.batch
    },
    {
      Sid    = "Serving"
      Effect = "Allow"
      Action = [
        "sagemaker:DescribeEndpoint",
        "sagemaker:DescribeEndpointConfig",
        "sagemaker:DescribeModel",
        "sagemaker:ListTags",
      ]
      Resource = local.serving
    },
    {
      Sid      = "Schedules"
      Effect   = "Allow"
      Action   = "scheduler:GetSchedule"
      Resource = local.schedules
    },
    {
      Sid       = "Scaling"
      Effect    = "Allow"
      Action    = "application-autoscaling:ListTagsForResource"
      Resource  = local.scalable
      Condition = local.ours
    },
    {
      Sid    = "Server"
      Effect = "Allow"
      Action = [
        "ecs:DescribeClusters",
        "ecs:DescribeServiceDeployments",
        "ecs:DescribeServices",
        "ecs:ListServiceDeployments",
        "ecs:ListTagsForResource",
      ]
      Resource = concat(local.containers, ["${local.arn.ecs}:service-deployment/${local.prefix}-*"])
    },
    {
      Sid    = "Database"
      Effect = "Allow"
      Action = [
        "rds:DescribeDBInstances",
        "rds:DescribeDBParameterGroups",
        "rds:DescribeDBParameters",
        "rds:DescribeDBSubnetGroups",
        "rds:ListTagsForResource",
      ]
      # The provider looks for an instance by an id that no ARN holds, and then sees all of them.
      Resource = concat(local.database, ["${local.arn.rds}:db:*"])
    },
    {
      # Ids that AWS gives, in a service that shows a policy no tags.
      Sid    = "Names"
      Effect = "Allow"
      Action = [
        "route53:GetHostedZone",
        "route53:ListResourceRecordSets",
        "route53:ListTagsForResource",
      ]
      Resource = local.zones
    },
    {
      # Their tags tell which of them are ours.
      Sid      = "Certificates"
      Effect   = "Allow"
      Action   = "acm:ListTagsForCertificate"
      Resource = local.certificates
    },
  ]
}
