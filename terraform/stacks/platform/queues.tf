locals {
  environment_arns = {
    for pool, environment in merge(aws_batch_compute_environment.serverless, aws_batch_compute_environment.instances) :
    pool => environment.arn
  }

  # A job that can never be placed blocks everything behind it. The reasons are AWS's; the numbers are seconds.
  longest_wait = {
    "MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE" = 600
    "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT"         = 600
    "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY"           = 21600
  }
}

resource "aws_batch_job_queue" "pool" {
  for_each = local.environment_arns

  name     = "${local.prefix}-${each.key}"
  state    = "ENABLED"
  priority = 1

  compute_environment_order {
    order               = 1
    compute_environment = each.value
  }

  dynamic "job_state_time_limit_action" {
    for_each = local.longest_wait

    content {
      state            = "RUNNABLE"
      reason           = job_state_time_limit_action.key
      max_time_seconds = job_state_time_limit_action.value
      action           = "CANCEL"
    }
  }
}
