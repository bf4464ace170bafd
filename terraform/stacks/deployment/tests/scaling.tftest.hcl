mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  platform    = "acme"
  environment = "prod"
  project     = "churn"
  live        = "v1-aaaaaaa"
  scaling     = { min = 2, max = 6, target = 200 }

  releases = [
    { name = "v1-aaaaaaa", version = 1, image = "m", realtime = { instance_type = "ml.m5.large", instances = 3 } },
  ]
}

run "a_realtime_endpoint_follows_its_requests" {
  assert {
    condition = (
      aws_appautoscaling_target.live[0].resource_id == "endpoint/acme-prod-churn/variant/AllTraffic"
      && aws_appautoscaling_target.live[0].min_capacity == 2
      && aws_appautoscaling_target.live[0].max_capacity == 6
    )
    error_message = "Something else is scaled, or within other bounds."
  }

  assert {
    condition = (
      aws_appautoscaling_policy.track[0].target_tracking_scaling_policy_configuration[0].target_value == 200
      && one(aws_appautoscaling_policy.track[0].target_tracking_scaling_policy_configuration[0].predefined_metric_specification).predefined_metric_type
      == "SageMakerVariantInvocationsPerInstance"
    )
    error_message = "It follows something else than its requests."
  }

  assert {
    condition     = length(aws_appautoscaling_policy.wake) == 0 && length(aws_cloudwatch_metric_alarm.wake) == 0
    error_message = "A realtime endpoint never sleeps."
  }
}

run "the_release_starts_with_the_instances_that_it_is_handed" {
  assert {
    condition     = aws_sagemaker_endpoint_configuration.release["v1-aaaaaaa"].production_variants[0].initial_instance_count == 3
    error_message = "A rollout would undo scaling."
  }
}

run "an_async_endpoint_follows_its_backlog_and_is_woken" {
  variables {
    scaling = { min = 0, max = 4, target = 5 }

    releases = [
      { name = "v1-aaaaaaa", version = 1, image = "m", async = { instance_type = "ml.m5.large", instances = 1, max_concurrent = 4 } },
    ]
  }

  assert {
    condition = (
      one(aws_appautoscaling_policy.track[0].target_tracking_scaling_policy_configuration[0].customized_metric_specification).metric_name == "ApproximateBacklogSizePerInstance"
      && length(aws_appautoscaling_policy.track[0].target_tracking_scaling_policy_configuration[0].predefined_metric_specification) == 0
      && aws_appautoscaling_target.live[0].min_capacity == 0
    )
    error_message = "It follows something else than its backlog."
  }

  assert {
    condition = (
      one(aws_appautoscaling_policy.wake[0].step_scaling_policy_configuration[0].step_adjustment).scaling_adjustment == 1
      && aws_cloudwatch_metric_alarm.wake[0].metric_name == "HasBacklogWithoutCapacity"
      && aws_cloudwatch_metric_alarm.wake[0].alarm_actions == toset([aws_appautoscaling_policy.wake[0].arn])
    )
    error_message = "Nothing would start its first instance."
  }
}

run "an_async_endpoint_that_keeps_an_instance_needs_no_waking" {
  variables {
    scaling = { min = 1, max = 4, target = 5 }

    releases = [
      { name = "v1-aaaaaaa", version = 1, image = "m", async = { instance_type = "ml.m5.large", instances = 1, max_concurrent = 4 } },
    ]
  }

  assert {
    condition     = length(aws_appautoscaling_policy.wake) == 0 && length(aws_appautoscaling_policy.track) == 1
    error_message = "It never sleeps."
  }
}

run "without_bounds_the_number_of_instances_stays" {
  variables {
    scaling = { min = 0, max = 0, target = 0 }
  }

  assert {
    condition     = length(aws_appautoscaling_target.live) == 0 && length(aws_appautoscaling_policy.track) == 0
    error_message = "Scaling that nobody asked for."
  }
}

run "before_the_first_release_there_is_nothing_to_scale" {
  variables {
    releases = []
    live     = ""
  }

  assert {
    condition     = length(aws_appautoscaling_target.live) == 0
    error_message = "There is no endpoint to scale."
  }
}
