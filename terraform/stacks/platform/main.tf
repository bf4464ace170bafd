locals {
  prefix = "${var.platform}-${var.environment}"

  own_tags = {
    "reconciler:platform"    = var.platform
    "reconciler:environment" = var.environment
    managed-by               = "lean-mlops-control-centre"
  }

  tags = merge(var.tags, local.own_tags)

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
