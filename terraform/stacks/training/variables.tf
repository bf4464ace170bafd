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

variable "project" {
  description = "Third part of every AWS name: the ML project."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{0,23}$", var.project))
    error_message = "project takes at most 24 lower-case letters, digits and hyphens."
  }
}

variable "owner" {
  description = "Who answers for the project: the tag `reconciler:owner`; empty: no tag."
  type        = string
  nullable    = false
  default     = ""

  validation {
    condition     = can(regex("^[\\p{L}\\p{Z}\\p{N}_.:/=+@-]{0,256}$", var.owner))
    error_message = "owner is the value of an AWS tag: at most 256 letters, digits, spaces and _ . : / = + - @."
  }
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

variable "adopt" {
  description = "Addresses of resources of this stack that exist in AWS and are not in its state: they are imported, not made."
  type        = set(string)
  nullable    = false
  default     = []
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
