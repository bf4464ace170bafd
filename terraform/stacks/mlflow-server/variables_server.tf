variable "image" {
  description = "URI of the server's image; empty: everything but the service, so that there is a repository to push to."
  type        = string
  nullable    = false
  default     = ""

  validation {
    condition     = var.image == "" || can(regex("^[^\\s:@]+[:@][^\\s]+$", var.image))
    error_message = "image is the URI of a container image with its tag or digest, or empty."
  }
}

variable "cpu" {
  description = "CPU units of one task; 1024 are one vCPU, for two worker processes if the memory allows."
  type        = number
  nullable    = false
  default     = 1024

  validation {
    condition     = contains([256, 512, 1024, 2048, 4096, 8192, 16384], var.cpu)
    error_message = "cpu is one of Fargate's sizes: 256, 512, 1024, 2048, 4096, 8192 or 16384."
  }
}

variable "memory" {
  description = "Memory of one task in MiB."
  type        = number
  nullable    = false
  default     = 4096

  validation {
    condition = contains(lookup({
      256   = [512, 1024, 2048]
      512   = range(1024, 4097, 1024)
      1024  = range(2048, 8193, 1024)
      2048  = range(4096, 16385, 1024)
      4096  = range(8192, 30721, 1024)
      8192  = range(16384, 61441, 4096)
      16384 = range(32768, 122881, 8192)
    }, tostring(var.cpu), []), var.memory)
    error_message = "Fargate has no task with so much memory (MiB) for that cpu, e.g. cpu 1024 takes 2048 to 8192 in steps of 1024."
  }
}

variable "min_tasks" {
  description = "Tasks that always run."
  type        = number
  nullable    = false
  default     = 1

  validation {
    condition     = var.min_tasks >= 1 && floor(var.min_tasks) == var.min_tasks
    error_message = "min_tasks is a whole number, at least 1."
  }
}

variable "max_tasks" {
  description = "Tasks that run at most: one more while the CPU is above 60%."
  type        = number
  nullable    = false
  default     = 2

  validation {
    condition     = var.max_tasks >= var.min_tasks && floor(var.max_tasks) == var.max_tasks
    error_message = "max_tasks is a whole number, at least min_tasks."
  }
}

variable "host" {
  description = "DNS name that clients use. Under `<platform>-<environment>.internal` its zone is made here; any other is yours to point at the load balancer."
  type        = string
  nullable    = false

  validation {
    condition     = length(var.host) <= 253 && can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$", var.host))
    error_message = "host is a DNS name in lower case with at least one dot, such as mlflow.acme.io."
  }
}

variable "certificate_arn" {
  description = "ACM certificate of that name; empty: plain HTTP inside the VPC."
  type        = string
  nullable    = false
  default     = ""

  validation {
    condition     = var.certificate_arn == "" || can(regex("^arn:[a-z-]+:acm:", var.certificate_arn))
    error_message = "certificate_arn is the ARN of a certificate in ACM (arn:aws:acm:…), or empty for plain HTTP."
  }
}

variable "database" {
  description = "The RDS instance: its engine (mysql or postgres), its class, its storage in GiB to begin with, and whether it has a standby in another zone."
  type = object({
    engine         = optional(string, "mysql")
    instance_class = optional(string, "db.t4g.micro")
    storage        = optional(number, 20)
    multi_az       = optional(bool, false)
  })
  nullable = false
  default  = {}

  validation {
    condition     = contains(["mysql", "postgres"], var.database.engine)
    error_message = "database.engine is mysql or postgres."
  }

  validation {
    condition     = can(regex("^db\\.[a-z0-9-]+\\.[a-z0-9]+$", var.database.instance_class))
    error_message = "database.instance_class is a class of RDS, such as db.t4g.micro."
  }

  validation {
    condition     = var.database.storage >= 20 && var.database.storage <= 16384 && floor(var.database.storage) == var.database.storage
    error_message = "database.storage is a whole number of GiB from 20 to 16384: it may grow to four times that."
  }
}
