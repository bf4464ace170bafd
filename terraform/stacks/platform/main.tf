locals {
  prefix = "${var.platform}-${var.environment}"

  tags = {
    "reconciler:platform"    = var.platform
    "reconciler:environment" = var.environment
    managed-by               = "lean-mlops-control-centre"
  }
}

provider "aws" {
  # Enough for AWS's throttling, and an unreachable AWS is reported within half a minute.
  max_retries = 10
  retry_mode  = "adaptive"

  default_tags {
    tags = local.tags
  }
}

data "aws_partition" "current" {}
