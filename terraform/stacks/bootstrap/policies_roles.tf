# Roles that the stacks make, each named after us, and what services may be given.

locals {
  roles = [
    {
      Sid    = "Roles"
      Effect = "Allow"
      Action = [
        "iam:CreateRole",
        "iam:DeleteRole",
        "iam:DeleteRolePolicy",
        "iam:PutRolePolicy",
        "iam:TagRole",
        "iam:UntagRole",
        "iam:UpdateAssumeRolePolicy",
        "iam:UpdateRole",
        "iam:UpdateRoleDescription",
      ]
      Resource = "${local.iam_arn}:role/${local.prefix}-*"
    },
    {
      # AWS's own policies may say anything: these alone are used.
      Sid       = "AttachPolicies"
      Effect    = "Allow"
      Action    = ["iam:AttachRolePolicy", "iam:DetachRolePolicy"]
      Resource  = "${local.iam_arn}:role/${local.prefix}-*"
      Condition = { ArnEquals = { "iam:PolicyARN" = local.attachable } }
    },
    {
      Sid    = "InstanceProfiles"
      Effect = "Allow"
      Action = [
        "iam:AddRoleToInstanceProfile",
        "iam:CreateInstanceProfile",
        "iam:DeleteInstanceProfile",
        "iam:RemoveRoleFromInstanceProfile",
        "iam:TagInstanceProfile",
        "iam:UntagInstanceProfile",
      ]
      Resource = "${local.iam_arn}:instance-profile/${local.prefix}-*"
    },
    {
      Sid       = "PassRoles"
      Effect    = "Allow"
      Action    = "iam:PassRole"
      Resource  = "${local.iam_arn}:role/${local.prefix}-*"
      Condition = { StringEquals = { "iam:PassedToService" = local.passed_to } }
    },
    {
      # AWS makes each with the first resource that needs it, and nobody may change what it allows.
      Sid       = "ServiceLinkedRoles"
      Effect    = "Allow"
      Action    = "iam:CreateServiceLinkedRole"
      Resource  = [for service in local.linked_services : "${local.iam_arn}:role/aws-service-role/${service}/*"]
      Condition = { StringEquals = { "iam:AWSServiceName" = local.linked_services } }
    },
    {
      # The names match the statements above.
      Sid    = "KeepItself"
      Effect = "Deny"
      Action = [
        "iam:AttachRolePolicy",
        "iam:CreateRole",
        "iam:DeleteRole",
        "iam:DeleteRolePolicy",
        "iam:DetachRolePolicy",
        "iam:PassRole",
        "iam:PutRolePolicy",
        "iam:TagRole",
        "iam:UntagRole",
        "iam:UpdateAssumeRolePolicy",
        "iam:UpdateRole",
        "iam:UpdateRoleDescription",
      ]
      Resource = [for role in ["plan", "apply"] : "${local.iam_arn}:role/${local.prefix}-${role}"]
    },
  ]

  attachable = [
    "arn:${local.partition}:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role",
  ]

  # Batch is given the roles of jobs and of instances; which service IAM is told of then, AWS does not say, and policies of
  # others that work name both (https://docs.seqera.io/platform-cloud/compute-envs/aws-batch-iam-policy).
  passed_to = [
    "batch.amazonaws.com",
    "ec2.amazonaws.com",
    "ecs-tasks.amazonaws.com",
    "sagemaker.amazonaws.com",
    "scheduler.amazonaws.com",
    "vpc-flow-logs.amazonaws.com",
  ]

  linked_services = [
    "batch.amazonaws.com",
    "clientvpn-connections.amazonaws.com",
    "clientvpn.amazonaws.com",
    "ecs.amazonaws.com",
    "ecs.application-autoscaling.amazonaws.com",
    "elasticloadbalancing.amazonaws.com",
    "rds.amazonaws.com",
    "sagemaker.application-autoscaling.amazonaws.com",
    "spot.amazonaws.com",
  ]
}
