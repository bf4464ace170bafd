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
    model                         = "a/b"
  }

  expect_failures = [
    var.platform, var.environment, var.project, var.owner, var.log_retention_days, var.image,
    var.default_resource_requirements, var.vcpu, var.memory, var.compute, var.timeout, var.attempts,
    var.tracking_uri, var.model,
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
  }

  expect_failures = [var.platform, var.environment, var.project, var.default_resource_requirements, var.gpu, var.attempts]
}

run "fargate_has_no_gpu" {
  command = plan

  variables {
    gpu = 1
  }

  expect_failures = [var.gpu]
}
