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

variable "vpc_id" {
  description = "VPC that training jobs run in; empty: the region's default VPC."
  type        = string
  nullable    = false
  default     = ""

  validation {
    condition     = var.vpc_id == "" || startswith(var.vpc_id, "vpc-")
    error_message = "vpc_id is the id of a VPC (vpc-…), or empty for the default VPC."
  }
}

variable "subnet_ids" {
  description = "Subnets of that VPC that training jobs run in; empty: all of them."
  type        = list(string)
  nullable    = false
  default     = []

  validation {
    condition     = alltrue([for id in var.subnet_ids : startswith(id, "subnet-")])
    error_message = "subnet_ids are ids of subnets (subnet-…)."
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

variable "code_digest" {
  description = "Digest of this stack's own code: published in the output `spec`, so that changed code shows as a change."
  type        = string
  nullable    = false
  default     = ""
}
