mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  platform    = "acme"
  environment = "prod"
  project     = "churn"
  owner       = "search-ml"
  code_digest = "c0de"
  live        = "v2-bbbbbbb"
  metrics     = { log_loss = "0.3141" }

  releases = [
    { name = "v2-bbbbbbb", version = 2, image = "model:v2", realtime = { instance_type = "ml.m5.large", instances = 2 } },
    { name = "v1-aaaaaaa", version = 1, image = "model:v1", serverless = { memory = 2048, max_concurrency = 5 } },
  ]
}

run "before_the_first_release_there_is_a_place_for_images_and_no_endpoint" {
  variables {
    releases = []
    live     = ""
  }

  assert {
    condition     = aws_ecr_repository.model.name == "acme-prod/churn/model"
    error_message = "Images are pushed to acme-prod/churn/model."
  }

  assert {
    condition     = length(aws_sagemaker_endpoint.live) == 0 && output.endpoint_name == "" && output.live_version == 0
    error_message = "There is nothing to serve."
  }
}

run "every_release_has_a_model_and_a_configuration_of_its_own" {
  assert {
    condition     = [for model in aws_sagemaker_model.release : model.name] == ["acme-prod-churn-v1-aaaaaaa", "acme-prod-churn-v2-bbbbbbb"]
    error_message = "The models have other names."
  }

  assert {
    condition = (
      [for configuration in aws_sagemaker_endpoint_configuration.release : configuration.name]
      == ["acme-prod-churn-v1-aaaaaaa", "acme-prod-churn-v2-bbbbbbb"]
    )
    error_message = "The endpoint configurations have other names."
  }

  assert {
    condition     = aws_sagemaker_model.release["v1-aaaaaaa"].primary_container[0].image == "model:v1"
    error_message = "A release serves another release's image."
  }
}

run "a_release_is_served_as_it_says" {
  assert {
    condition = (
      aws_sagemaker_endpoint_configuration.release["v2-bbbbbbb"].production_variants[0].instance_type == "ml.m5.large"
      && aws_sagemaker_endpoint_configuration.release["v2-bbbbbbb"].production_variants[0].initial_instance_count == 2
      && length(aws_sagemaker_endpoint_configuration.release["v2-bbbbbbb"].production_variants[0].serverless_config) == 0
    )
    error_message = "The realtime release has other instances."
  }

  assert {
    condition = (
      aws_sagemaker_endpoint_configuration.release["v1-aaaaaaa"].production_variants[0].serverless_config[0].memory_size_in_mb == 2048
      && aws_sagemaker_endpoint_configuration.release["v1-aaaaaaa"].production_variants[0].serverless_config[0].max_concurrency == 5
    )
    error_message = "The serverless release has another capacity."
  }

  assert {
    condition = alltrue([
      for configuration in aws_sagemaker_endpoint_configuration.release :
      configuration.production_variants[0].variant_name == "AllTraffic" && configuration.production_variants[0].initial_variant_weight == 1
    ])
    error_message = "SageMaker refuses another variant name, and forgets a fraction."
  }
}

run "the_endpoint_serves_the_live_release" {
  assert {
    condition     = aws_sagemaker_endpoint.live[0].name == "acme-prod-churn" && output.endpoint_name == "acme-prod-churn"
    error_message = "The endpoint has another name."
  }

  assert {
    condition     = aws_sagemaker_endpoint.live[0].endpoint_config_name == "acme-prod-churn-v2-bbbbbbb" && output.live_version == 2
    error_message = "The endpoint serves another release."
  }
}

run "a_realtime_endpoint_is_rolled_back_by_its_alarm" {
  assert {
    condition     = one(one(aws_sagemaker_endpoint.live[0].deployment_config[0].auto_rollback_configuration[0].alarms)[*].alarm_name) == "acme-prod-churn-5xx"
    error_message = "No alarm watches the rollout."
  }

  assert {
    condition = (
      output.guardrails.AutoRollbackConfiguration.Alarms[0].AlarmName == "acme-prod-churn-5xx"
      && output.guardrails.BlueGreenUpdatePolicy.TerminationWaitInSeconds
      == aws_sagemaker_endpoint.live[0].deployment_config[0].blue_green_update_policy[0].termination_wait_in_seconds
    )
    error_message = "The guardrails to restore are not those that were set."
  }

  assert {
    condition = [for query in aws_cloudwatch_metric_alarm.errors_5xx.metric_query : query.metric[0].dimensions if length(query.metric) > 0] == [
      tomap({ EndpointName = "acme-prod-churn", VariantName = "AllTraffic" })
    ]
    error_message = "The alarm watches another endpoint."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.errors_5xx.treat_missing_data == "notBreaching"
    error_message = "Without requests every rollout would be refused."
  }
}

run "a_serverless_endpoint_has_no_guardrails" {
  variables {
    live = "v1-aaaaaaa"
  }

  assert {
    condition     = length(aws_sagemaker_endpoint.live[0].deployment_config) == 0 && output.guardrails == null
    error_message = "SageMaker refuses guardrails on serverless endpoints."
  }
}

run "spec_and_releases_give_the_variables_back" {
  assert {
    condition = jsonencode(output.spec) == jsonencode({
      alarms       = { errors_5xx = 5, errors_4xx = 0, latency_p99 = 0 }
      alerts_topic = ""
      code_digest  = "c0de"
      live         = "v2-bbbbbbb"
      metrics      = { log_loss = "0.3141" }
      owner        = "search-ml"
      releases     = var.releases
      rollout      = { strategy = "all_at_once", size = 0, bake = 120 }
      scaling      = { min = 0, max = 0, target = 0 }
    })
    error_message = "The output `spec` is not what was applied."
  }

  assert {
    condition     = jsonencode(output.releases) == jsonencode(var.releases)
    error_message = "The output `releases` is not what was asked for."
  }
}

run "an_async_release_reads_and_writes_in_the_projects_bucket" {
  variables {
    live         = "v3-ccccccc"
    alerts_topic = "arn:aws:sns:eu-west-1:123456789012:acme-prod-alerts"

    releases = [
      { name = "v3-ccccccc", version = 3, image = "m", async = { instance_type = "ml.m5.large", instances = 1, max_concurrent = 4 } },
    ]
  }

  assert {
    condition = (
      aws_sagemaker_endpoint_configuration.release["v3-ccccccc"].production_variants[0].instance_type == "ml.m5.large"
      && aws_sagemaker_endpoint_configuration.release["v3-ccccccc"].production_variants[0].initial_instance_count == 1
      && one(aws_sagemaker_endpoint_configuration.release["v3-ccccccc"].async_inference_config[0].client_config).max_concurrent_invocations_per_instance == 4
    )
    error_message = "The async release has other instances."
  }

  assert {
    condition = (
      aws_sagemaker_endpoint_configuration.release["v3-ccccccc"].async_inference_config[0].output_config[0].s3_output_path == "s3://acme-prod-churn-123456789012/async/output"
      && aws_sagemaker_endpoint_configuration.release["v3-ccccccc"].async_inference_config[0].output_config[0].s3_failure_path == "s3://acme-prod-churn-123456789012/async/failure"
    )
    error_message = "Answers would land elsewhere."
  }

  assert {
    condition     = one(aws_sagemaker_endpoint_configuration.release["v3-ccccccc"].async_inference_config[0].output_config[0].notification_config).error_topic == var.alerts_topic
    error_message = "Nobody would hear of a request that failed."
  }

  assert {
    condition     = length(aws_sagemaker_endpoint.live[0].deployment_config) == 1 && output.guardrails != null
    error_message = "Async endpoints have guardrails as well."
  }

  assert {
    condition     = terraform_data.serving[0].input == "async"
    error_message = "SageMaker takes no async configuration away: another kind is another endpoint."
  }
}

run "a_share_of_requests_and_answers_is_captured_as_text" {
  variables {
    releases = [
      { name = "v2-bbbbbbb", version = 2, image = "m", realtime = { instance_type = "ml.m5.large", instances = 1 }, capture = 20 },
      { name = "v1-aaaaaaa", version = 1, image = "m", realtime = { instance_type = "ml.m5.large", instances = 1 } },
    ]
  }

  assert {
    condition = (
      aws_sagemaker_endpoint_configuration.release["v2-bbbbbbb"].data_capture_config[0].initial_sampling_percentage == 20
      && aws_sagemaker_endpoint_configuration.release["v2-bbbbbbb"].data_capture_config[0].enable_capture
      && aws_sagemaker_endpoint_configuration.release["v2-bbbbbbb"].data_capture_config[0].destination_s3_uri == "s3://acme-prod-churn-123456789012/capture"
      && aws_sagemaker_endpoint_configuration.release["v2-bbbbbbb"].data_capture_config[0].capture_options[*].capture_mode == tolist(["Input", "Output"])
    )
    error_message = "Another share is captured, or elsewhere."
  }

  assert {
    condition = (
      aws_sagemaker_endpoint_configuration.release["v2-bbbbbbb"].data_capture_config[0].capture_content_type_header[0].json_content_types == toset(["application/json"])
      && aws_sagemaker_endpoint_configuration.release["v2-bbbbbbb"].data_capture_config[0].capture_content_type_header[0].csv_content_types == toset(["text/csv"])
    )
    error_message = "JSON and CSV would be captured as base64."
  }

  assert {
    condition     = length(aws_sagemaker_endpoint_configuration.release["v1-aaaaaaa"].data_capture_config) == 0
    error_message = "A release captures although it does not say so."
  }
}

run "a_model_runs_in_the_network_that_its_release_names" {
  variables {
    releases = [
      {
        name     = "v2-bbbbbbb"
        version  = 2
        image    = "m"
        realtime = { instance_type = "ml.m5.large", instances = 1 }
        vpc      = { subnet_ids = ["subnet-1", "subnet-2"], security_group_ids = ["sg-1"] }
      },
      { name = "v1-aaaaaaa", version = 1, image = "m", realtime = { instance_type = "ml.m5.large", instances = 1 } },
    ]
  }

  assert {
    condition = (
      aws_sagemaker_model.release["v2-bbbbbbb"].vpc_config[0].subnets == toset(["subnet-1", "subnet-2"])
      && aws_sagemaker_model.release["v2-bbbbbbb"].vpc_config[0].security_group_ids == toset(["sg-1"])
    )
    error_message = "The model runs in another network."
  }

  assert {
    condition     = length(aws_sagemaker_model.release["v1-aaaaaaa"].vpc_config) == 0
    error_message = "A model runs in a network that its release does not name."
  }
}

run "a_release_says_what_its_model_was_made_of_and_one_of_before_says_nothing" {
  variables {
    live = "v2-bbbbbbb"

    releases = [
      {
        name     = "v2-bbbbbbb"
        version  = 2
        image    = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/acme-prod/churn/model:v2-0a1b2c3d4e5f"
        realtime = { instance_type = "ml.m5.large", instances = 1 }
        origin   = { run_id = "0f1e2d", model_id = "m-1", created = 1700000000123 }
      },
      {
        name     = "v2-aaaaaaa"
        version  = 2
        image    = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/acme-prod/churn/model:v2"
        realtime = { instance_type = "ml.m5.large", instances = 1 }
      },
      {
        name     = "v1-ccccccc"
        version  = 1
        image    = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/acme-prod/churn/model:v1-f5e4d3c2b1a0"
        realtime = { instance_type = "ml.m5.large", instances = 1 }
        origin   = { run_id = "an odd <run>", model_id = "", created = 0 }
      },
    ]
  }

  assert {
    condition = aws_sagemaker_model.release["v2-bbbbbbb"].tags == tomap({
      "reconciler:version"      = "2"
      "reconciler:run"          = "0f1e2d"
      "reconciler:logged-model" = "m-1"
      "reconciler:registered"   = "2023-11-14T22:13:20Z"
    })
    error_message = "Nobody could tell which run the model came from."
  }

  assert {
    condition     = aws_sagemaker_endpoint_configuration.release["v2-bbbbbbb"].tags == aws_sagemaker_model.release["v2-bbbbbbb"].tags
    error_message = "A configuration and its model say different things."
  }

  assert {
    condition     = length(aws_sagemaker_model.release["v2-aaaaaaa"].tags) == 0
    error_message = "A release of before would be changed."
  }

  assert {
    condition     = aws_sagemaker_model.release["v1-ccccccc"].tags == tomap({ "reconciler:version" = "1" })
    error_message = "What no tag may hold would fail the apply."
  }

  assert {
    condition = (
      [for rule in jsondecode(aws_ecr_lifecycle_policy.model.policy).rules : try(rule.selection.tagPatternList[0], "untagged")]
      == ["v1-f5e4d3c2b1a0", "v2", "v2-0a1b2c3d4e5f", "untagged", "*"]
    )
    error_message = "The image of a kept release would expire."
  }
}

run "without_captures_and_async_requests_there_is_no_bucket" {
  assert {
    condition     = length(aws_s3_bucket.data) == 0 && length(aws_s3_bucket_lifecycle_configuration.data) == 0
    error_message = "A bucket that nothing writes to."
  }
}

run "names_fit_the_longest_project" {
  variables {
    platform    = "fifteen-letters"
    environment = "eightchr"
    project     = "twenty-four-letters-long"
    live        = "v9999-aaaaaaa"

    releases = [
      { name = "v9999-aaaaaaa", version = 9999, image = "model:v9999", serverless = { memory = 1024, max_concurrency = 1 } },
    ]
  }

  assert {
    condition     = alltrue([for configuration in aws_sagemaker_endpoint_configuration.release : length(configuration.name) <= 63])
    error_message = "SageMaker takes 63 characters."
  }

  assert {
    condition     = length(aws_iam_role.serving.name) <= 64
    error_message = "IAM takes 64 characters."
  }

  assert {
    condition     = length(local.bucket) <= 63
    error_message = "S3 takes 63 characters."
  }
}
