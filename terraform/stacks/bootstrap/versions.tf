terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }

  # The bucket, the key and the region come with -backend-config; before the bucket exists, a backend_override.tf takes
  # this one's place (README.md).
  backend "s3" {
    encrypt      = true
    use_lockfile = true
  }
}
