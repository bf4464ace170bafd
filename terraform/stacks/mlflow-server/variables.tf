variable "platform" {
  description = "First part of every AWS name."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,14}$", var.platform))
    error_message = "platform takes at most 15 lower-case letters, digits and hyphens, and starts with a letter."
  }

  validation {
    condition     = !strcontains("${var.platform}-", "--")
    error_message = "platform ends with a letter or digit and has no two hyphens in a row (RDS)."
  }

  validation {
    condition     = !startswith("${var.platform}-", "internal-")
    error_message = "platform is not internal and does not start with internal-: AWS keeps such names of load balancers to itself."
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

  validation {
    condition     = !strcontains("${var.environment}-", "--")
    error_message = "environment ends with a letter or digit and has no two hyphens in a row (RDS)."
  }
}

variable "deletion_protection" {
  description = "Whether the database and the artifact bucket withstand a destroy, and the database leaves a last snapshot."
  type        = bool
  nullable    = false
  default     = true
}

variable "log_retention_days" {
  description = "Days that log lines are kept."
  type        = number
  nullable    = false
  default     = 90

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827], var.log_retention_days)
    error_message = "log_retention_days is one of CloudWatch's retentions: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, …"
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
