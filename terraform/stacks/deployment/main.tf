locals {
  prefix = "${var.platform}-${var.environment}"
  name   = "${local.prefix}-${var.project}"

  tags = merge(
    var.tags,
    {
      "reconciler:platform"    = var.platform
      "reconciler:environment" = var.environment
      "reconciler:project"     = var.project
      managed-by               = "lean-mlops-control-centre"
    },
    var.owner == "" ? {} : { "reconciler:owner" = var.owner },
  )

  releases = { for release in var.releases : release.name => release }
  live     = lookup(local.releases, var.live, null)

  # How the live release is served; empty: there is no endpoint.
  kind = (
    local.live == null ? "" :
    local.live.realtime != null ? "realtime" :
    local.live.async != null ? "async" : "serverless"
  )
}

provider "aws" {
  # Enough for AWS's throttling, and an unreachable AWS is reported within half a minute.
  max_retries = 10
  retry_mode  = "adaptive"

  default_tags {
    tags = local.tags
  }
}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

# SageMaker would make this group itself, and keep its lines for ever.
resource "aws_cloudwatch_log_group" "endpoint" {
  name              = "/aws/sagemaker/Endpoints/${local.name}"
  retention_in_days = var.log_retention_days
}
