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

variable "max_vcpus" {
  description = "Most vCPUs that each pool may use at the same time."
  type        = number
  nullable    = false
  default     = 64

  validation {
    condition     = var.max_vcpus >= 1 && floor(var.max_vcpus) == var.max_vcpus
    error_message = "max_vcpus is a whole number, at least 1."
  }
}

variable "disk" {
  description = "GiB of the disk of each EC2 instance that trains."
  type        = number
  nullable    = false
  default     = 100

  validation {
    condition     = var.disk >= 30 && var.disk <= 16384 && floor(var.disk) == var.disk
    error_message = "disk is a whole number of GiB from 30, the size of the machine image, to 16384 (EBS gp3)."
  }
}

variable "alert_emails" {
  description = "Who is told by mail of alarms and failed trainings; each address has to confirm once."
  type        = list(string)
  nullable    = false
  default     = []

  validation {
    condition     = alltrue([for address in var.alert_emails : can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", address))])
    error_message = "alert_emails are e-mail addresses (name@domain.example)."
  }

  validation {
    condition     = length(distinct(var.alert_emails)) == length(var.alert_emails)
    error_message = "alert_emails names each address once."
  }
}

variable "adopt" {
  description = "Addresses of resources of this stack that exist in AWS and are not in its state: they are imported, not made."
  type        = set(string)
  nullable    = false
  default     = []

  validation {
    condition = alltrue([for address in var.adopt : contains(concat(
      ["aws_iam_role.instance", "aws_launch_template.training", "aws_iam_role.flow[0]", "aws_cloudwatch_log_group.flow[0]"],
      [for pool in concat(keys(local.serverless_pools), keys(local.instance_pools)) : "aws_batch_job_queue.pool[\"${pool}\"]"],
    ), address)])
    error_message = "adopt names resources that AWS refuses to make twice: those of adopt.tf."
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
