variable "releases" {
  description = "Releases to keep ready, the most recently live first. A release's name stands for all of its content."
  type = list(object({
    name       = string
    version    = number
    image      = string
    realtime   = optional(object({ instance_type = string, instances = number }))
    serverless = optional(object({ memory = number, max_concurrency = number }))
  }))
  nullable = false
  default  = []

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
    condition     = alltrue([for release in var.releases : (release.realtime == null) != (release.serverless == null)])
    error_message = "A release is either realtime or serverless."
  }

  validation {
    condition     = alltrue([for release in var.releases : try(release.realtime.instances >= 1, true)])
    error_message = "A realtime release has at least one instance."
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
