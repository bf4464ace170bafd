variable "policy" {
  description = "What jobs may do in AWS, as an IAM policy in JSON, in the place of the default; empty: the default."
  type        = string
  nullable    = false
  default     = ""

  validation {
    condition     = var.policy == "" || try(length(flatten([jsondecode(var.policy).Statement])) > 0, false)
    error_message = "policy is an IAM policy in JSON with at least one Statement, or empty for the default."
  }

  validation {
    condition     = length(replace(var.policy, "/\\s/", "")) <= 10240
    error_message = "policy has more than the 10240 characters that IAM takes for a role, white space aside: join statements."
  }
}

variable "artifact_bucket" {
  description = "S3 bucket in which jobs may use the prefix `<project>/`, unless there is a policy; empty: none."
  type        = string
  nullable    = false
  default     = ""

  validation {
    condition     = var.artifact_bucket == "" || can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.artifact_bucket))
    error_message = "artifact_bucket is the name of an S3 bucket: 3 to 63 lower-case letters, digits, hyphens and dots."
  }
}

variable "protect" {
  description = "Whether the project must never be retired: only published in the output `spec`, for the reconciler's guards."
  type        = bool
  nullable    = false
  default     = false
}
