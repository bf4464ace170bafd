mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  platform    = "acme"
  environment = "prod"
  project     = "churn"
  live        = "v1-aaaaaaa"

  releases = [
    { name = "v1-aaaaaaa", version = 1, image = "m", realtime = { instance_type = "ml.m5.large", instances = 2 } },
  ]
}

run "all_at_once_is_the_default_and_bakes_for_two_minutes" {
  assert {
    condition = jsonencode(output.guardrails) == jsonencode({
      AutoRollbackConfiguration = { Alarms = [{ AlarmName = "acme-prod-churn-5xx" }] }
      BlueGreenUpdatePolicy = {
        MaximumExecutionTimeoutInSeconds = 3600
        TerminationWaitInSeconds         = 120
        TrafficRoutingConfiguration      = { Type = "ALL_AT_ONCE", WaitIntervalInSeconds = 0 }
      }
    })
    error_message = "Other guardrails."
  }
}

run "a_canary_takes_a_part_of_the_traffic_first" {
  variables {
    rollout = { strategy = "canary", size = 25, bake = 600 }
    alarms  = { errors_5xx = 1, errors_4xx = 10, latency_p99 = 400 }
  }

  assert {
    condition = jsonencode(output.guardrails) == jsonencode({
      AutoRollbackConfiguration = { Alarms = [{ AlarmName = "acme-prod-churn-5xx" }, { AlarmName = "acme-prod-churn-latency" }] }
      BlueGreenUpdatePolicy = {
        MaximumExecutionTimeoutInSeconds = 3600
        TerminationWaitInSeconds         = 600
        TrafficRoutingConfiguration      = { CanarySize = { Type = "CAPACITY_PERCENT", Value = 25 }, Type = "CANARY", WaitIntervalInSeconds = 600 }
      }
    })
    error_message = "Other guardrails, or client errors, which are not the model's fault, roll it back."
  }

  assert {
    condition = (
      aws_sagemaker_endpoint.live[0].deployment_config[0].blue_green_update_policy[0].traffic_routing_configuration[0].type == "CANARY"
      && one(aws_sagemaker_endpoint.live[0].deployment_config[0].blue_green_update_policy[0].traffic_routing_configuration[0].canary_size).value == 25
      && aws_sagemaker_endpoint.live[0].deployment_config[0].blue_green_update_policy[0].traffic_routing_configuration[0].wait_interval_in_seconds == 600
      && length(aws_sagemaker_endpoint.live[0].deployment_config[0].blue_green_update_policy[0].traffic_routing_configuration[0].linear_step_size) == 0
      && length(aws_sagemaker_endpoint.live[0].deployment_config[0].rolling_update_policy) == 0
    )
    error_message = "The endpoint has other guardrails than the output says."
  }
}

run "a_linear_rollout_moves_in_equal_steps" {
  variables {
    rollout = { strategy = "linear", size = 20, bake = 300 }
  }

  assert {
    condition = (
      one(aws_sagemaker_endpoint.live[0].deployment_config[0].blue_green_update_policy[0].traffic_routing_configuration[0].linear_step_size).value == 20
      && length(aws_sagemaker_endpoint.live[0].deployment_config[0].blue_green_update_policy[0].traffic_routing_configuration[0].canary_size) == 0
      && jsonencode(output.guardrails.BlueGreenUpdatePolicy.TrafficRoutingConfiguration)
      == jsonencode({ LinearStepSize = { Type = "CAPACITY_PERCENT", Value = 20 }, Type = "LINEAR", WaitIntervalInSeconds = 300 })
    )
    error_message = "The steps differ."
  }
}

run "a_rolling_rollout_replaces_batches_and_goes_back_at_once" {
  variables {
    rollout = { strategy = "rolling", size = 10, bake = 200 }
  }

  assert {
    condition = jsonencode(output.guardrails) == jsonencode({
      AutoRollbackConfiguration = { Alarms = [{ AlarmName = "acme-prod-churn-5xx" }] }
      RollingUpdatePolicy = {
        MaximumBatchSize                 = { Type = "CAPACITY_PERCENT", Value = 10 }
        MaximumExecutionTimeoutInSeconds = 3600
        RollbackMaximumBatchSize         = { Type = "CAPACITY_PERCENT", Value = 100 }
        WaitIntervalInSeconds            = 200
      }
    })
    error_message = "Other guardrails."
  }

  assert {
    condition = (
      length(aws_sagemaker_endpoint.live[0].deployment_config[0].blue_green_update_policy) == 0
      && aws_sagemaker_endpoint.live[0].deployment_config[0].rolling_update_policy[0].maximum_batch_size[0].value == 10
      && aws_sagemaker_endpoint.live[0].deployment_config[0].rolling_update_policy[0].rollback_maximum_batch_size[0].value == 100
      && aws_sagemaker_endpoint.live[0].deployment_config[0].rolling_update_policy[0].wait_interval_in_seconds == 200
    )
    error_message = "The endpoint has other guardrails than the output says."
  }
}

run "an_update_goes_without_the_alarms_that_are_ignored_and_the_guardrails_still_name_them" {
  variables {
    alarms         = { errors_5xx = 5, errors_4xx = 0, latency_p99 = 400 }
    ignored_alarms = ["acme-prod-churn-5xx"]
  }

  assert {
    condition = (
      one(one(aws_sagemaker_endpoint.live[0].deployment_config[0].auto_rollback_configuration).alarms).alarm_name == "acme-prod-churn-latency"
      && length(output.guardrails.AutoRollbackConfiguration.Alarms) == 2
    )
    error_message = "The ignored alarm would roll the update back, or is forgotten."
  }
}

run "without_any_alarm_left_one_that_never_fires_takes_their_place" {
  variables {
    ignored_alarms = ["acme-prod-churn-5xx"]
  }

  assert {
    condition = (
      one(one(aws_sagemaker_endpoint.live[0].deployment_config[0].auto_rollback_configuration).alarms).alarm_name == "acme-prod-churn-never"
      && one(aws_cloudwatch_metric_alarm.never).threshold == 1
      && jsonencode(output.guardrails.AutoRollbackConfiguration) == jsonencode({ Alarms = [{ AlarmName = "acme-prod-churn-5xx" }] })
    )
    error_message = "SageMaker takes no empty list of alarms, and without one the endpoint is made anew."
  }
}

run "no_update_with_alarms_has_the_one_that_never_fires" {
  assert {
    condition     = length(aws_cloudwatch_metric_alarm.never) == 0
    error_message = "It costs something and guards nothing."
  }
}
