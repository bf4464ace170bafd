variable "schedule" {
  description = "When jobs are started by the clock, in UTC: cron(…) or rate(…) of EventBridge Scheduler; empty: never."
  type        = string
  nullable    = false
  default     = ""

  validation {
    condition = var.schedule == "" || can(regex(
      "^(rate\\([1-9][0-9]* (minute|hour|day)s?\\)|cron\\([^ ()]+( [^ ()]+){5}\\))$", var.schedule
    ))
    error_message = "schedule is rate(7 days), or cron(…) with six fields such as cron(0 3 ? * MON *), or empty."
  }
}

variable "queue" {
  description = "Name of the Batch queue that jobs started by the clock go to; empty only without a schedule."
  type        = string
  nullable    = false
  default     = ""

  validation {
    condition     = var.queue == "" || can(regex("^[a-zA-Z0-9][a-zA-Z0-9_-]{0,127}$", var.queue))
    error_message = "queue is the name of a Batch job queue, not its ARN."
  }

  validation {
    condition     = var.schedule == "" || var.queue != ""
    error_message = "A schedule needs the queue that its jobs are submitted to."
  }
}
