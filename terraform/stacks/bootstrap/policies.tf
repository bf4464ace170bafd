# A managed policy holds 6,144 characters, a role ten of them: hence one for each aspect, and a file for each. The plan
# role reads; the apply role reads and manages.

locals {
  # Whose something is, where AWS tells a policy: what stands, and what a request is about to make.
  ours = {
    StringEquals = {
      "aws:ResourceTag/reconciler:platform"    = var.platform
      "aws:ResourceTag/reconciler:environment" = var.environment
    }
  }
  becomes_ours = {
    StringEquals = {
      "aws:RequestTag/reconciler:platform"    = var.platform
      "aws:RequestTag/reconciler:environment" = var.environment
    }
  }

  # Where a service names things itself, an ARN says the service, the region and the account alone.
  arn = {
    for service in [
      "acm", "application-autoscaling", "batch", "cloudwatch", "ec2", "ecr", "ecs", "elasticloadbalancing", "events",
      "kms", "logs", "rds", "sagemaker", "scheduler", "secretsmanager", "sns",
    ] : service => "arn:${local.partition}:${service}:${local.arn_suffix}"
  }
  iam_arn = "arn:${local.partition}:iam::${local.account}"

  read_policies = {
    read-aws  = jsonencode({ Version = "2012-10-17", Statement = local.read_aws })
    read-ours = jsonencode({ Version = "2012-10-17", Statement = local.read_ours })
  }
  apply_policies = {
    apply-network  = jsonencode({ Version = "2012-10-17", Statement = local.network })
    apply-platform = jsonencode({ Version = "2012-10-17", Statement = local.platform })
    apply-projects = jsonencode({ Version = "2012-10-17", Statement = local.projects })
    apply-roles    = jsonencode({ Version = "2012-10-17", Statement = local.roles })
    apply-server   = jsonencode({ Version = "2012-10-17", Statement = local.server })
    apply-storage  = jsonencode({ Version = "2012-10-17", Statement = concat(local.state, local.storage) })
    apply-vpn      = jsonencode({ Version = "2012-10-17", Statement = local.vpn })
  }
}

resource "aws_iam_policy" "ci" {
  for_each = { for name, document in merge(local.read_policies, local.apply_policies) : name => document if local.connected }

  name        = "${local.prefix}-${each.key}"
  description = "Reconciling ${local.prefix} from GitHub Actions"
  policy      = each.value

  lifecycle {
    precondition {
      condition     = length(each.value) <= 6144
      error_message = "The policy ${local.prefix}-${each.key} has ${length(each.value)} characters and IAM takes 6144: shorten platform, environment or state_bucket."
    }
  }
}

resource "aws_iam_role_policy_attachment" "plan" {
  for_each = { for name, document in local.read_policies : name => name if local.connected }

  role       = aws_iam_role.plan[0].name
  policy_arn = aws_iam_policy.ci[each.key].arn
}

resource "aws_iam_role_policy_attachment" "apply" {
  for_each = aws_iam_policy.ci

  role       = aws_iam_role.apply[0].name
  policy_arn = each.value.arn
}
