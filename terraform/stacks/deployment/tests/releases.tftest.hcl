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
    condition     = aws_cloudwatch_metric_alarm.errors_5xx.dimensions == tomap({ EndpointName = "acme-prod-churn", VariantName = "AllTraffic" })
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
      code_digest = "c0de"
      live        = "v2-bbbbbbb"
      owner       = "search-ml"
      releases    = var.releases
    })
    error_message = "The output `spec` is not what was applied."
  }

  assert {
    condition     = jsonencode(output.releases) == jsonencode(var.releases)
    error_message = "The output `releases` is not what was asked for."
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
}
