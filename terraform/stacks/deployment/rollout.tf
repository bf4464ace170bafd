# The guardrails, once, as SageMaker's UpdateEndpoint takes them: the endpoint's blocks are made from this.
locals {
  # Serverless endpoints have none. Every other one has them from birth, and always: adding or removing them later means
  # a new endpoint. What is in them may change in place.
  guarded = contains(["realtime", "async"], local.kind)

  # An hour is also what the AWS provider waits.
  rollout_limit = 3600

  step = { Type = "CAPACITY_PERCENT", Value = var.rollout.size }

  routing = merge(
    { Type = upper(var.rollout.strategy), WaitIntervalInSeconds = var.rollout.strategy == "all_at_once" ? 0 : var.rollout.bake },
    var.rollout.strategy == "canary" ? { CanarySize = local.step } : {},
    var.rollout.strategy == "linear" ? { LinearStepSize = local.step } : {},
  )

  # The old fleet stays as long as the last step bakes: time for the alarms to see a bad release.
  blue_green = var.rollout.strategy == "rolling" ? {} : {
    BlueGreenUpdatePolicy = {
      TrafficRoutingConfiguration      = local.routing
      TerminationWaitInSeconds         = var.rollout.bake
      MaximumExecutionTimeoutInSeconds = local.rollout_limit
    }
  }

  # Back at once, whatever the step forth.
  rolling = var.rollout.strategy != "rolling" ? {} : {
    RollingUpdatePolicy = {
      MaximumBatchSize                 = local.step
      WaitIntervalInSeconds            = var.rollout.bake
      RollbackMaximumBatchSize         = { Type = "CAPACITY_PERCENT", Value = 100 }
      MaximumExecutionTimeoutInSeconds = local.rollout_limit
    }
  }

  guardrails = merge(local.blue_green, local.rolling, {
    AutoRollbackConfiguration = { Alarms = [for name in local.rollback_alarms : { AlarmName = name }] }
  })
}
