variable "platform" {
  description = "First part of every AWS name."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,14}$", var.platform))
    error_message = "platform takes at most 15 lower-case letters, digits and hyphens, and starts with a letter."
  }
}

variable "environment" {
  description = "Second part of every AWS name."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{0,7}$", var.environment))
    error_message = "environment takes at most 8 lower-case letters, digits and hyphens."
  }
}

variable "state_bucket" {
  description = "S3 bucket that holds the states of the environment."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.state_bucket))
    error_message = "state_bucket takes 3 to 63 lower-case letters, digits, hyphens and dots (S3)."
  }

  # The apply role may empty and delete buckets of that form.
  validation {
    condition = !(
      startswith(var.state_bucket, "${var.platform}-${var.environment}-") && can(regex("-[0-9]{12}$", var.state_bucket))
    )
    error_message = "state_bucket has the form of a project's bucket, <platform>-<environment>-…-<account>: name it otherwise."
  }
}

variable "own_bucket" {
  description = "Whether the state bucket is made here; false: it exists and is somebody else's."
  type        = bool
  nullable    = false
  default     = true
}

variable "github" {
  description = "Repository whose GitHub Actions take the roles, owner/name or owner@id/name@id as its OIDC subject says, and the GitHub environment that applies; empty: no roles."
  type = object({
    repository  = string
    environment = string
  })
  nullable = false
  default  = { repository = "", environment = "" }

  validation {
    condition     = (var.github.repository == "") == (var.github.environment == "")
    error_message = "github takes both a repository and an environment, or neither."
  }

  validation {
    condition     = var.github.repository == "" || can(regex("^[A-Za-z0-9-]+/[A-Za-z0-9_.-]+$|^[A-Za-z0-9-]+@[0-9]+/[A-Za-z0-9_.-]+@[0-9]+$", var.github.repository))
    error_message = "github.repository is owner/name, or owner@id/name@id for a repository with immutable OIDC subjects."
  }

  # GitHub writes other characters differently in the subject, and IAM gives * ? and $ a meaning.
  validation {
    condition     = can(regex("^[A-Za-z0-9_.-]*$", var.github.environment))
    error_message = "github.environment takes letters, digits and _ . - only."
  }
}

variable "oidc_provider_arn" {
  description = "GitHub's OIDC provider that the account has already (it takes one only); empty: it is made here."
  type        = string
  nullable    = false
  default     = ""

  validation {
    condition = var.oidc_provider_arn == "" || can(
      regex("^arn:[a-z-]+:iam::[0-9]{12}:oidc-provider/token\\.actions\\.githubusercontent\\.com$", var.oidc_provider_arn)
    )
    error_message = "oidc_provider_arn is arn:…:iam::<account>:oidc-provider/token.actions.githubusercontent.com, or empty."
  }

  validation {
    condition     = var.oidc_provider_arn == "" || var.github.repository != ""
    error_message = "oidc_provider_arn is of no use without github."
  }
}

variable "code_digest" {
  description = "Digest of this stack's own code: published in the output `spec`, so that changed code shows as a change."
  type        = string
  nullable    = false
  default     = ""
}

variable "tags" {
  description = "Tags of everything that this stack makes, beside its own."
  type        = map(string)
  nullable    = false
  default     = {}

  validation {
    condition     = length(var.tags) <= 30 && alltrue([for key in keys(var.tags) : !startswith(lower(key), "aws:") && !startswith(key, "reconciler:")])
    error_message = "At most 30 tags, none of which begins with aws: or reconciler:."
  }
}
