variable "image" {
  description = "URI of the image that the job definition runs."
  type        = string
  nullable    = false

  validation {
    condition     = var.image != ""
    error_message = "image is the URI of a container image."
  }
}

variable "default_resource_requirements" {
  description = "What a job gets of each kind that is not asked for, as AWS Batch writes it. The value stands in defaults.auto.tfvars.json."
  type        = list(object({ type = string, value = string }))
  nullable    = false

  validation {
    condition     = alltrue([for each in var.default_resource_requirements : contains(["VCPU", "MEMORY", "GPU"], each.type)])
    error_message = "The type of a resource requirement is VCPU, MEMORY or GPU."
  }

  validation {
    condition     = alltrue([for each in var.default_resource_requirements : try(tonumber(each.value) > 0, false)])
    error_message = "The value of a resource requirement is a number above 0, as a string."
  }
}

variable "vcpu" {
  description = "vCPUs of a job; 0: the default."
  type        = number
  nullable    = false
  default     = 0

  validation {
    condition     = var.vcpu >= 0
    error_message = "vcpu is not negative."
  }
}

variable "memory" {
  description = "Memory of a job in MiB; 0: the default."
  type        = number
  nullable    = false
  default     = 0

  validation {
    condition     = var.memory >= 0 && floor(var.memory) == var.memory
    error_message = "memory is a whole number of MiB."
  }
}

variable "gpu" {
  description = "GPUs of a job."
  type        = number
  nullable    = false
  default     = 0

  validation {
    condition     = var.gpu >= 0 && floor(var.gpu) == var.gpu
    error_message = "gpu is a whole number."
  }

  validation {
    condition     = var.gpu == 0 || !startswith(var.compute, "fargate")
    error_message = "Fargate has no GPU: take on_demand or spot."
  }
}

variable "compute" {
  description = "Where jobs run: fargate, fargate_spot, on_demand or spot."
  type        = string
  nullable    = false
  default     = "fargate"

  validation {
    condition     = contains(["fargate", "fargate_spot", "on_demand", "spot"], var.compute)
    error_message = "compute is fargate, fargate_spot, on_demand or spot."
  }
}

variable "public_ips" {
  description = "Whether a Fargate job gets a public address: without a NAT gateway it can pull nothing otherwise."
  type        = bool
  nullable    = false
  default     = true
}

variable "timeout" {
  description = "Seconds after which one attempt is stopped."
  type        = number
  nullable    = false

  validation {
    condition     = var.timeout >= 60 && floor(var.timeout) == var.timeout
    error_message = "timeout is a whole number of seconds, at least 60 (AWS Batch)."
  }
}

variable "attempts" {
  description = "How often a job is tried when its host, not its code, fails."
  type        = number
  nullable    = false

  validation {
    condition     = var.attempts >= 1 && var.attempts <= 10 && floor(var.attempts) == var.attempts
    error_message = "attempts is a whole number from 1 to 10 (AWS Batch)."
  }
}
