# GitHub Actions get no keys: they prove with a token of GitHub's which repository, and which environment of it, they run
# for, and are given one of two roles for a few hours.

locals {
  connected = var.github.repository != ""

  oidc_host    = "token.actions.githubusercontent.com"
  provider_arn = local.connected ? one(concat(aws_iam_openid_connect_provider.github[*].arn, compact([var.oidc_provider_arn]))) : ""

  # GitHub's names for where a job runs. A job that names an environment obeys that environment's protection rules: with
  # both limited to the default branch, no workflow that a pull request brings is given anything, not even to read.
  # https://docs.github.com/en/actions/reference/security/oidc#filtering-for-a-specific-environment
  plans   = "repo:${var.github.repository}:environment:${var.github.environment}-plan"
  applies = "repo:${var.github.repository}:environment:${var.github.environment}"

  trust = {
    for role, subjects in { plan = [local.plans, local.applies], apply = [local.applies] } : role => jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Effect    = "Allow"
        Principal = { Federated = local.provider_arn }
        Action    = "sts:AssumeRoleWithWebIdentity"
        Condition = {
          StringEquals = {
            "${local.oidc_host}:aud" = "sts.amazonaws.com"
            "${local.oidc_host}:sub" = subjects
          }
        }
      }]
    })
  }
}

# IAM knows GitHub's certificate authority itself: no thumbprint is needed.
resource "aws_iam_openid_connect_provider" "github" {
  count = local.connected && var.oidc_provider_arn == "" ? 1 : 0

  url            = "https://${local.oidc_host}"
  client_id_list = ["sts.amazonaws.com"]
}

resource "aws_iam_role" "plan" {
  count = local.connected ? 1 : 0

  name               = "${local.prefix}-plan"
  description        = "Reads what a plan of ${local.prefix} needs: environment ${var.github.environment}-plan of ${var.github.repository}"
  assume_role_policy = local.trust.plan
}

resource "aws_iam_role" "apply" {
  count = local.connected ? 1 : 0

  name               = "${local.prefix}-apply"
  description        = "Reconciles ${local.prefix}: environment ${var.github.environment} of ${var.github.repository}"
  assume_role_policy = local.trust.apply

  # A reconcile may wait for trainings and for a rollout that is watched for hours.
  max_session_duration = 14400
}
