variable "scaling" {
  description = "Bounds of the number of instances, and what is aimed at: requests per instance and minute (realtime) or waiting requests per instance (async). All 0: the number stays."
  type        = object({ min = number, max = number, target = number })
  nullable    = false
  default     = { min = 0, max = 0, target = 0 }

  validation {
    condition     = alltrue([for value in values(var.scaling) : value >= 0 && floor(value) == value])
    error_message = "scaling takes whole numbers."
  }

  validation {
    condition     = var.scaling == { min = 0, max = 0, target = 0 } || (var.scaling.max >= 1 && var.scaling.max >= var.scaling.min && var.scaling.target >= 1)
    error_message = "scaling has a max of at least 1 and at least min, and a target of at least 1; without scaling all three are 0."
  }

  validation {
    condition     = var.scaling.max == 0 || var.scaling.min >= 1 || local.kind != "realtime"
    error_message = "A realtime endpoint keeps at least one instance: scaling.min is at least 1."
  }

  validation {
    condition     = var.scaling.max == 0 || local.kind != "serverless"
    error_message = "SageMaker scales a serverless endpoint by itself: scaling has no effect there, leave it out."
  }

  validation {
    condition     = var.scaling.max == 0 || !startswith(local.instance_type, "ml.t2.")
    error_message = "T2 instances cannot be scaled automatically (SageMaker): choose another instance type."
  }
}

variable "rollout" {
  description = "How traffic moves to a new release: strategy, percent that moves at a time, and seconds that each step is watched. Serverless endpoints have no rollout."
  type        = object({ strategy = string, size = number, bake = number })
  nullable    = false
  default     = { strategy = "all_at_once", size = 0, bake = 120 }

  validation {
    condition     = contains(["all_at_once", "canary", "linear", "rolling"], var.rollout.strategy)
    error_message = "rollout.strategy is all_at_once, canary, linear or rolling."
  }

  validation {
    condition = floor(var.rollout.size) == var.rollout.size && try(
      var.rollout.size >= { all_at_once = 0, canary = 1, linear = 10, rolling = 5 }[var.rollout.strategy]
      && var.rollout.size <= (var.rollout.strategy == "all_at_once" ? 0 : 50),
      true,
    )
    error_message = "rollout.size is a whole number of percent: canary 1 to 50, linear 10 to 50, rolling 5 to 50, all_at_once 0 (SageMaker)."
  }

  validation {
    condition     = var.rollout.bake >= 0 && floor(var.rollout.bake) == var.rollout.bake
    error_message = "rollout.bake is a whole number of seconds, at least 0."
  }

  # Every step bakes, the last one included. SageMaker would take longer ones, but the AWS provider gives an endpoint one
  # hour to be in service, and its instances have to start as well.
  validation {
    condition = var.rollout.bake * (
      contains(["linear", "rolling"], var.rollout.strategy) ? ceil(100 / max(var.rollout.size, 1)) : var.rollout.strategy == "canary" ? 2 : 1
    ) <= 2700
    error_message = "The steps of this rollout bake for more than 45 minutes together: choose a larger size or a shorter bake."
  }

  validation {
    condition     = var.rollout.strategy == "all_at_once" || local.kind != "serverless"
    error_message = "A serverless endpoint is updated all at once: SageMaker has no other strategy for it."
  }
}

variable "alarms" {
  description = "Thresholds beyond which alarms fire: server errors and client errors in percent of the requests, latency of the model in milliseconds (p99). 0: no alarm."
  type        = object({ errors_5xx = number, errors_4xx = number, latency_p99 = number })
  nullable    = false
  default     = { errors_5xx = 5, errors_4xx = 0, latency_p99 = 0 }

  validation {
    condition     = var.alarms.errors_5xx > 0 && var.alarms.errors_5xx < 100
    error_message = "alarms.errors_5xx is more than 0 and less than 100 percent: it is what rolls a bad release back."
  }

  validation {
    condition     = var.alarms.errors_4xx >= 0 && var.alarms.errors_4xx < 100
    error_message = "alarms.errors_4xx is less than 100 percent; 0: no alarm."
  }

  validation {
    condition     = var.alarms.latency_p99 >= 0
    error_message = "alarms.latency_p99 is a number of milliseconds; 0: no alarm."
  }
}

variable "alerts_topic" {
  description = "ARN of the SNS topic that is told of alarms and of async requests that failed; empty: nobody is told. It must not change while an async release is kept."
  type        = string
  nullable    = false
  default     = ""

  validation {
    condition     = var.alerts_topic == "" || can(regex("^arn:[a-z-]+:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]+$", var.alerts_topic))
    error_message = "alerts_topic is the ARN of an SNS topic."
  }
}

variable "metrics" {
  description = "Metrics that the live version was logged with, as the dashboard shows them."
  type        = map(string)
  nullable    = false
  default     = {}
}
