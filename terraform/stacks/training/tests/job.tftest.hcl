mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  platform     = "acme"
  environment  = "prod"
  project      = "churn"
  image        = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/acme-prod/churn/training:0123456789ab"
  timeout      = 3600
  attempts     = 3
  tracking_uri = "https://mlflow.acme.io"
  experiment   = "prod/churn"
  model        = "churn"
}

run "names_are_those_of_the_reconciler" {
  assert {
    condition     = aws_batch_job_definition.training.name == "acme-prod-churn" && output.job_definition_name == "acme-prod-churn"
    error_message = "Jobs are submitted on acme-prod-churn."
  }

  assert {
    condition     = aws_ecr_repository.training.name == "acme-prod/churn/training"
    error_message = "Images are pushed to acme-prod/churn/training."
  }

  assert {
    condition     = aws_cloudwatch_log_group.training.name == "/acme/prod/churn/training" && output.log_group == "/acme/prod/churn/training"
    error_message = "Logs are read from /acme/prod/churn/training."
  }
}

run "a_job_runs_the_project_in_the_run_it_is_given" {
  assert {
    condition = jsonencode(jsondecode(aws_batch_job_definition.training.container_properties).command) == jsonencode(
      ["python", "-c", file("attempt.py"), "Ref::run_id"]
    )
    error_message = "The command is another one."
  }

  assert {
    condition     = aws_batch_job_definition.training.parameters == tomap({ run_id = "none" })
    error_message = "A job that the clock submits is given a run, or a placeholder."
  }

  assert {
    condition     = length(jsonencode(jsondecode(aws_batch_job_definition.training.container_properties).command)) < 4096
    error_message = "The command takes more than half of what ECS lets a job override."
  }

  assert {
    condition = { for each in jsondecode(aws_batch_job_definition.training.container_properties).environment : each.name => each.value } == {
      AWS_DEFAULT_REGION       = "eu-west-1"
      MLFLOW_DISABLE_TELEMETRY = "true"
      MLFLOW_EXPERIMENT_NAME   = "prod/churn"
      MLFLOW_TRACKING_URI      = "https://mlflow.acme.io"
      RECONCILER_MODEL         = "churn"
    }
    error_message = "The job has another environment."
  }
}

run "resources_that_are_not_asked_for_are_the_defaults" {
  assert {
    condition = { for each in jsondecode(aws_batch_job_definition.training.container_properties).resourceRequirements : each.type => each.value } == {
      VCPU   = "1"
      MEMORY = "2048"
    }
    error_message = "Not the values of defaults.auto.tfvars.json."
  }
}

run "a_fargate_job_has_an_address_and_no_gpu" {
  variables {
    vcpu   = 0.25
    memory = 512
  }

  assert {
    condition     = aws_batch_job_definition.training.platform_capabilities == toset(["FARGATE"])
    error_message = "Fargate refuses other definitions."
  }

  assert {
    condition     = jsondecode(aws_batch_job_definition.training.container_properties).networkConfiguration.assignPublicIp == "ENABLED"
    error_message = "Without an address the default VPC reaches no registry."
  }

  assert {
    condition = { for each in jsondecode(aws_batch_job_definition.training.container_properties).resourceRequirements : each.type => each.value } == {
      VCPU   = "0.25"
      MEMORY = "512"
    }
    error_message = "Other resources than asked for."
  }
}

run "a_fargate_job_behind_a_nat_gateway_has_no_address" {
  variables {
    public_ips = false
  }

  assert {
    condition     = jsondecode(aws_batch_job_definition.training.container_properties).networkConfiguration.assignPublicIp == "DISABLED"
    error_message = "A private subnet's job has a public address."
  }
}

run "an_instance_job_has_a_gpu_and_nothing_of_fargate" {
  variables {
    compute = "spot"
    gpu     = 2
  }

  assert {
    condition     = aws_batch_job_definition.training.platform_capabilities == toset(["EC2"])
    error_message = "EC2 refuses other definitions."
  }

  assert {
    condition     = length(setintersection(keys(jsondecode(aws_batch_job_definition.training.container_properties)), ["networkConfiguration", "fargatePlatformConfiguration"])) == 0
    error_message = "Batch refuses Fargate's settings on EC2."
  }

  assert {
    condition     = contains(jsondecode(aws_batch_job_definition.training.container_properties).resourceRequirements, { type = "GPU", value = "2" })
    error_message = "No GPU was asked for."
  }
}

run "on_fargate_only_a_failed_host_is_worth_another_attempt" {
  assert {
    condition = jsonencode([
      for rule in aws_batch_job_definition.training.retry_strategy[0].evaluate_on_exit : [upper(rule.action), rule.on_status_reason, rule.on_reason]
      ]) == jsonencode([
      ["RETRY", "Your Spot Task was interrupted*", null],
      ["RETRY", "ResourceInitializationError*", null],
      ["RETRY", "CannotPullContainerError*", null],
      ["RETRY", null, "CannotPullContainerError*"],
      ["EXIT", null, "*"],
    ])
    error_message = "Other failures are tried again; Batch takes five rules at most, and what matches none is tried again."
  }

  assert {
    condition     = aws_batch_job_definition.training.retry_strategy[0].attempts == 3
    error_message = "Other attempts than asked for."
  }
}

run "on_an_instance_only_a_failed_host_is_worth_another_attempt" {
  variables {
    compute = "on_demand"
  }

  assert {
    condition = jsonencode([
      for rule in aws_batch_job_definition.training.retry_strategy[0].evaluate_on_exit : [upper(rule.action), rule.on_status_reason, rule.on_reason]
      ]) == jsonencode([
      ["RETRY", "Host EC2*", null],
      ["RETRY", null, "CannotPullContainerError*"],
      ["RETRY", null, "DockerTimeoutError*"],
      ["EXIT", null, "*"],
    ])
    error_message = "Other failures are tried again; what matches no rule is tried again as well."
  }
}

run "images_cannot_be_overwritten_and_leave_with_the_project" {
  assert {
    condition     = aws_ecr_repository.training.image_tag_mutability == "IMMUTABLE" && aws_ecr_repository.training.force_delete
    error_message = "A tag must always mean the same image, and must not outlive its project."
  }
}

run "the_image_in_use_is_kept_however_old_it_is" {
  assert {
    condition = jsonencode([
      for rule in jsondecode(aws_ecr_lifecycle_policy.training.policy).rules :
      [rule.rulePriority, rule.selection.tagStatus, try(rule.selection.tagPatternList, []), rule.selection.countNumber]
      ]) == jsonencode([
      [1, "tagged", ["0123456789ab"], 9999],
      [2, "untagged", [], 1],
      [3, "tagged", ["*"], 51],
    ])
    error_message = "What a job would pull could expire, or nothing ever does."
  }
}

run "an_image_without_a_tag_protects_nothing" {
  variables {
    image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/acme-prod/churn/training@sha256:0123456789abcdef"
  }

  assert {
    condition     = [for rule in jsondecode(aws_ecr_lifecycle_policy.training.policy).rules : rule.rulePriority] == [2, 3]
    error_message = "A digest is not a tag."
  }
}

run "spec_gives_the_variables_back" {
  variables {
    owner           = "search-ml"
    vcpu            = 4
    memory          = 16384
    gpu             = 1
    compute         = "on_demand"
    public_ips      = false
    artifact_bucket = "acme-prod-mlflow"
    policy          = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"
    schedule        = "rate(7 days)"
    queue           = "acme-prod-on-demand-gpu"
    protect         = true
    code_digest     = "c0de"
  }

  assert {
    condition = jsonencode(output.spec) == jsonencode({
      artifact_bucket = "acme-prod-mlflow"
      attempts        = 3
      code_digest     = "c0de"
      compute         = "on_demand"
      experiment      = "prod/churn"
      gpu             = 1
      image           = var.image
      memory          = 16384
      model           = "churn"
      owner           = "search-ml"
      policy          = var.policy
      protect         = true
      public_ips      = false
      queue           = "acme-prod-on-demand-gpu"
      schedule        = "rate(7 days)"
      timeout         = 3600
      tracking_uri    = "https://mlflow.acme.io"
      vcpu            = 4
    })
    error_message = "The output `spec` is not what was applied."
  }
}

run "what_the_code_is_given_is_in_the_environment_where_nobody_expands_it" {
  variables {
    entry_point = "train"
    parameters  = { alpha = "0.5", name = "$HOME {x} \"quoted\" it's" }
    env         = { MODE = "fast", RECONCILER_MODEL = "another" }
    secrets = {
      DB_PASSWORD = "arn:aws:ssm:eu-west-1:123456789012:parameter/acme/db"
      HF_TOKEN    = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:hf:token::"
    }
  }

  assert {
    condition = { for each in jsondecode(aws_batch_job_definition.training.container_properties).environment : each.name => each.value } == {
      AWS_DEFAULT_REGION       = "eu-west-1"
      MLFLOW_DISABLE_TELEMETRY = "true"
      MLFLOW_EXPERIMENT_NAME   = "prod/churn"
      MLFLOW_TRACKING_URI      = "https://mlflow.acme.io"
      MODE                     = "fast"
      RECONCILER_ENTRY_POINT   = "train"
      RECONCILER_MODEL         = "churn"
      RECONCILER_PARAMETERS    = jsonencode({ alpha = "0.5", name = "$HOME {x} \"quoted\" it's" })
    }
    error_message = "The job is given something else."
  }

  assert {
    condition = jsondecode(aws_batch_job_definition.training.container_properties).secrets == [
      { name = "DB_PASSWORD", valueFrom = "arn:aws:ssm:eu-west-1:123456789012:parameter/acme/db" },
      { name = "HF_TOKEN", valueFrom = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:hf:token::" },
    ]
    error_message = "Batch reads other secrets."
  }

  assert {
    condition = { for each in jsondecode(aws_iam_role_policy.execution.policy).Statement : each.Sid => each.Resource if contains(["Parameters", "Secrets"], each.Sid) } == {
      Parameters = ["arn:aws:ssm:eu-west-1:123456789012:parameter/acme/db"]
      Secrets    = ["arn:aws:secretsmanager:eu-west-1:123456789012:secret:hf", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:hf-??????"]
    }
    error_message = "The execution role reads these secrets and no others."
  }

  assert {
    condition     = !can(jsondecode(aws_batch_job_definition.training.container_properties).secrets[2]) && !strcontains(aws_iam_role_policy.job.policy, "acme/db")
    error_message = "The code's own role may not read what Batch reads for it."
  }
}

run "a_job_that_is_given_nothing_is_as_it_was" {
  assert {
    condition     = !can(jsondecode(aws_batch_job_definition.training.container_properties).secrets)
    error_message = "There are no secrets."
  }

  assert {
    condition     = length(jsondecode(aws_iam_role_policy.execution.policy).Statement) == 3
    error_message = "The execution role may do more than before."
  }
}

run "a_secret_is_an_arn_of_one_of_two_services" {
  command = plan

  variables {
    secrets = { DB_PASSWORD = "hunter2" }
  }

  expect_failures = [var.secrets]
}
