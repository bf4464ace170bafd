variable "releases" {
  description = "Releases to keep ready, the most recently live first. A release's name stands for all of its content; `origin` is what MLflow says that its model was made of (`created`: when it was registered, in milliseconds), which its image's tag stands for."
  type = list(object({
    name       = string
    version    = number
    image      = string
    realtime   = optional(object({ instance_type = string, instances = number }))
    serverless = optional(object({ memory = number, max_concurrency = number }))
    async      = optional(object({ instance_type = string, instances = number, max_concurrent = number }))
    capture    = optional(number, 0)
    vpc        = optional(object({ subnet_ids = list(string), security_group_ids = list(string) }))
    origin     = optional(object({ run_id = string, model_id = string, created = number }))
    env        = optional(map(string), {})
  }))
  nullable = false
  default  = []

  validation {
    condition     = length(var.releases) <= 41
    error_message = "At most 41 releases are kept: each needs a rule of its own in ECR's lifecycle policy, which has 50."
  }

  validation {
    condition     = alltrue([for release in var.releases : can(regex("^v[0-9]{1,4}-[0-9a-f]{7}$", release.name))])
    error_message = "The name of a release is v<version>-<7 hex digits>."
  }

  validation {
    condition     = length(distinct(var.releases[*].name)) == length(var.releases)
    error_message = "Two releases have the same name."
  }

  validation {
    condition     = alltrue([for release in var.releases : release.version >= 1 && startswith(release.name, "v${release.version}-")])
    error_message = "The version of a release is a whole number, at least 1, and the one in its name."
  }

  validation {
    condition = alltrue([
      for release in var.releases : length([for kind in [release.realtime, release.serverless, release.async] : true if kind != null]) == 1
    ])
    error_message = "A release is either realtime, serverless or async."
  }

  validation {
    condition = alltrue([
      for count in [for release in var.releases : try(release.realtime.instances, release.async.instances, 1)] :
      count >= 1 && floor(count) == count
    ])
    error_message = "A realtime or async release starts with a whole number of instances, at least one."
  }

  validation {
    condition = alltrue([
      for release in var.releases :
      release.serverless == null || contains([1024, 2048, 3072, 4096, 5120, 6144], try(release.serverless.memory, 0))
    ])
    error_message = "The memory of a serverless release is 1024 to 6144 MB in steps of 1024 (SageMaker)."
  }

  validation {
    condition = alltrue([
      for release in var.releases :
      try(release.serverless.max_concurrency >= 1 && release.serverless.max_concurrency <= 200, release.serverless == null)
    ])
    error_message = "The concurrency of a serverless release is 1 to 200 (SageMaker)."
  }

  validation {
    condition = alltrue([
      for release in var.releases :
      try(release.async.max_concurrent >= 1 && release.async.max_concurrent <= 1000, release.async == null)
    ])
    error_message = "An instance of an async release is given 1 to 1000 requests at the same time (SageMaker)."
  }

  validation {
    condition = alltrue([
      for release in var.releases :
      release.capture >= 0 && release.capture <= 100 && floor(release.capture) == release.capture
    ])
    error_message = "capture is a whole number of percent, 0 to 100."
  }

  validation {
    condition     = alltrue([for release in var.releases : release.serverless == null || (release.capture == 0 && release.vpc == null)])
    error_message = "A serverless release captures nothing and runs in no VPC (SageMaker has neither for it)."
  }

  validation {
    condition = alltrue([
      for release in var.releases : try(
        contains(range(1, 17), length(release.vpc.subnet_ids)) && contains(range(1, 6), length(release.vpc.security_group_ids)),
        release.vpc == null,
      )
    ])
    error_message = "A model's VPC has 1 to 16 subnets and 1 to 5 security groups (SageMaker)."
  }
}

variable "live" {
  description = "Name of the release that the endpoint serves; empty: no endpoint."
  type        = string
  nullable    = false
  default     = ""

  validation {
    condition     = var.live == "" || contains(var.releases[*].name, var.live)
    error_message = "live names none of the releases."
  }
}
