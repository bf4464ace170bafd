# Each run breaks one rule of each variable that it names.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  platform    = "acme"
  environment = "prod"
  project     = "churn"
  live        = "v1-aaaaaaa"

  releases = [
    { name = "v1-aaaaaaa", version = 1, image = "m", realtime = { instance_type = "ml.m5.large", instances = 1 } },
  ]
}

run "what_is_less_than_nothing_is_refused" {
  command = plan

  variables {
    releases = [
      { name = "v1-aaaaaaa", version = 1, image = "m", async = { instance_type = "ml.m5.large", instances = 1, max_concurrent = 4 } },
    ]

    scaling = { min = -1, max = 2, target = 5 }
    rollout = { strategy = "canary", size = 25, bake = -1 }
    alarms  = { errors_5xx = 5, errors_4xx = -1, latency_p99 = 0 }
  }

  expect_failures = [var.scaling, var.rollout, var.alarms]
}

run "what_is_not_whole_is_refused" {
  command = plan

  variables {
    scaling = { min = 1, max = 2.5, target = 5 }
    rollout = { strategy = "canary", size = 12.5, bake = 120 }
  }

  expect_failures = [var.scaling, var.rollout]
}

run "seconds_are_whole_and_latencies_not_negative" {
  command = plan

  variables {
    rollout = { strategy = "canary", size = 25, bake = 0.5 }
    alarms  = { errors_5xx = 5, errors_4xx = 0, latency_p99 = -1 }
  }

  expect_failures = [var.rollout, var.alarms]
}

run "what_is_missing_is_refused" {
  command = plan

  variables {
    scaling      = { min = 1, max = 2, target = 0 }
    rollout      = { strategy = "canary", size = 0, bake = 120 }
    alarms       = { errors_5xx = 0, errors_4xx = 0, latency_p99 = 0 }
    alerts_topic = "alerts"
  }

  expect_failures = [var.scaling, var.rollout, var.alarms, var.alerts_topic]
}

run "what_is_too_much_is_refused" {
  command = plan

  variables {
    scaling = { min = 3, max = 2, target = 5 }
    rollout = { strategy = "canary", size = 51, bake = 120 }
    alarms  = { errors_5xx = 100, errors_4xx = 0, latency_p99 = 0 }
  }

  expect_failures = [var.scaling, var.rollout, var.alarms]
}

run "a_target_needs_bounds_a_strategy_a_name_and_more_than_all_are_never_refused" {
  command = plan

  variables {
    scaling = { min = 0, max = 0, target = 5 }
    rollout = { strategy = "bold", size = 0, bake = 120 }
    alarms  = { errors_5xx = 5, errors_4xx = 100, latency_p99 = 0 }
  }

  expect_failures = [var.scaling, var.rollout, var.alarms]
}

run "a_realtime_endpoint_keeps_an_instance_and_a_linear_step_is_at_least_a_tenth" {
  command = plan

  variables {
    scaling = { min = 0, max = 2, target = 5 }
    rollout = { strategy = "linear", size = 9, bake = 60 }
  }

  expect_failures = [var.scaling, var.rollout]
}

run "t2_instances_cannot_be_scaled_and_a_rolling_batch_is_at_least_a_twentieth" {
  command = plan

  variables {
    releases = [
      { name = "v1-aaaaaaa", version = 1, image = "m", realtime = { instance_type = "ml.t2.medium", instances = 1 } },
    ]

    scaling = { min = 1, max = 2, target = 5 }
    rollout = { strategy = "rolling", size = 4, bake = 60 }
  }

  expect_failures = [var.scaling, var.rollout]
}

run "a_serverless_endpoint_scales_by_itself_and_is_updated_all_at_once" {
  command = plan

  variables {
    releases = [
      { name = "v1-aaaaaaa", version = 1, image = "m", serverless = { memory = 2048, max_concurrency = 1 } },
    ]

    scaling = { min = 1, max = 2, target = 5 }
    rollout = { strategy = "canary", size = 25, bake = 120 }
  }

  expect_failures = [var.scaling, var.rollout]
}

run "all_at_once_has_no_size" {
  command = plan

  variables {
    rollout = { strategy = "all_at_once", size = 10, bake = 120 }
  }

  expect_failures = [var.rollout]
}

run "a_linear_rollout_ends_before_terraform_gives_up" {
  command = plan

  variables {
    rollout = { strategy = "linear", size = 10, bake = 271 }
  }

  expect_failures = [var.rollout]
}

run "a_canary_ends_before_terraform_gives_up" {
  command = plan

  variables {
    rollout = { strategy = "canary", size = 10, bake = 1351 }
  }

  expect_failures = [var.rollout]
}

run "the_slowest_rollouts_that_fit_are_taken" {
  command = plan

  variables {
    rollout = { strategy = "linear", size = 10, bake = 270 }
  }
}
