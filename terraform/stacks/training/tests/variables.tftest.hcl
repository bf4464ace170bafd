mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  platform     = "acme"
  environment  = "prod"
  project      = "churn"
  image        = "retired"
  timeout      = 60
  attempts     = 1
  tracking_uri = "http://mlflow.acme.io"
  experiment   = "prod/churn"
  model        = "churn"
}

run "what_aws_or_mlflow_would_refuse_is_refused" {
  command = plan

  variables {
    platform                      = "1acme"
    environment                   = "Prod"
    project                       = "-churn"
    owner                         = "search;ml"
    log_retention_days            = 42
    image                         = ""
    default_resource_requirements = [{ type = "DISK", value = "1" }]
    vcpu                          = -1
    memory                        = 512.5
    gpu                           = 1
    compute                       = "lambda"
    timeout                       = 59
    attempts                      = 11
    tracking_uri                  = "mlflow.db"
    experiment                    = " "
    model                         = "a/b"
    policy                        = "{\"Statement\":"
    artifact_bucket               = "Acme"
    schedule                      = "every day"
  }

  expect_failures = [
    var.platform, var.environment, var.project, var.owner, var.log_retention_days, var.image,
    var.default_resource_requirements, var.vcpu, var.memory, var.compute, var.timeout, var.attempts,
    var.tracking_uri, var.experiment, var.model, var.policy, var.artifact_bucket, var.schedule,
  ]
}

run "names_too_long_for_what_is_made_of_them_are_refused" {
  command = plan

  variables {
    platform                      = "sixteen-letters-"
    environment                   = "ninechars"
    project                       = "twenty-five-letters-long-"
    default_resource_requirements = [{ type = "VCPU", value = "many" }]
    gpu                           = 0.5
    compute                       = "spot"
    attempts                      = 0
    experiment                    = join("", [for number in range(257) : "e"])
    artifact_bucket               = "a"
    queue                         = "arn:aws:batch:eu-west-1:123456789012:job-queue/acme-prod-fargate"
  }

  expect_failures = [
    var.platform, var.environment, var.project, var.default_resource_requirements, var.gpu, var.attempts, var.experiment,
    var.artifact_bucket, var.queue,
  ]
}

run "fargate_has_no_gpu" {
  command = plan

  variables {
    gpu = 1
  }

  expect_failures = [var.gpu]
}

run "a_policy_without_statements_is_refused" {
  command = plan

  variables {
    policy = "{\"Version\":\"2012-10-17\",\"Statement\":[]}"
  }

  expect_failures = [var.policy]
}

run "a_policy_larger_than_a_role_takes_is_refused" {
  command = plan

  variables {
    policy = jsonencode({ Statement = [for number in range(200) : { Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::bucket-${number}/*" }] })
  }

  expect_failures = [var.policy]
}

run "a_schedule_without_a_queue_is_refused" {
  command = plan

  variables {
    schedule = "rate(7 days)"
  }

  expect_failures = [var.queue]
}

run "a_cron_expression_of_five_fields_is_refused" {
  command = plan

  variables {
    schedule = "cron(0 3 * * MON)"
    queue    = "acme-prod-fargate"
  }

  expect_failures = [var.schedule]
}
