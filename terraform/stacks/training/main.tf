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

  account    = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition
  region     = data.aws_region.current.name
  arn_suffix = "${local.region}:${local.account}"
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

resource "aws_cloudwatch_log_group" "training" {
  name              = "/${var.platform}/${var.environment}/${var.project}/training"
  retention_in_days = var.log_retention_days
}
