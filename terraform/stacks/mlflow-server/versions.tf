terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }

  # The bucket, the key, the region and, for a project's stack, workspace_key_prefix come with -backend-config.
  backend "s3" {
    encrypt      = true
    use_lockfile = true
  }
}
