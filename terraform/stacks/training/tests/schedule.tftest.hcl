mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  platform     = "acme"
  environment  = "prod"
  project      = "churn"
  image        = "retired"
  timeout      = 3600
  attempts     = 3
  tracking_uri = "https://mlflow.acme.io"
  experiment   = "prod/churn"
  model        = "churn"
  schedule     = "cron(0 3 ? * MON *)"
  queue        = "acme-prod-fargate"
}

run "without_a_schedule_there_is_no_clock_and_no_role_for_it" {
  variables {
    schedule = ""
    queue    = ""
  }

  assert {
    condition     = length(aws_scheduler_schedule.training) + length(aws_iam_role.schedule) + length(aws_iam_role_policy.schedule) == 0
    error_message = "Something starts trainings that nobody asked for."
  }
}

run "the_clock_submits_to_batch_in_utc" {
  assert {
    condition = (
      aws_scheduler_schedule.training[0].name == "acme-prod-churn"
      && aws_scheduler_schedule.training[0].schedule_expression == "cron(0 3 ? * MON *)"
      && aws_scheduler_schedule.training[0].schedule_expression_timezone == "UTC"
      && aws_scheduler_schedule.training[0].flexible_time_window[0].mode == "OFF"
    )
    error_message = "Another time than asked for."
  }

  assert {
    condition     = aws_scheduler_schedule.training[0].target[0].arn == "arn:aws:scheduler:::aws-sdk:batch:submitJob"
    error_message = "The clock does something else than submit a job."
  }

  assert {
    condition     = aws_scheduler_schedule.training[0].target[0].role_arn == aws_iam_role.schedule[0].arn
    error_message = "The clock acts as somebody else."
  }
}

run "a_job_of_the_clock_opens_a_run_of_its_own" {
  assert {
    condition = jsondecode(aws_scheduler_schedule.training[0].target[0].input) == {
      JobName       = "acme-prod-churn-scheduled"
      JobDefinition = "acme-prod-churn"
      JobQueue      = "acme-prod-fargate"
      PropagateTags = true
      Tags = {
        "reconciler:platform"    = "acme"
        "reconciler:environment" = "prod"
        "reconciler:project"     = "churn"
        managed-by               = "lean-mlops-control-centre"
      }
      ContainerOverrides = {
        Environment = [{ Name = "RECONCILER_TRIGGER", Value = "schedule" }]
      }
    }
    error_message = "Another job than the project's own, in a run of its own."
  }
}

run "the_clock_may_only_submit_this_job_to_this_queue" {
  assert {
    condition = jsondecode(aws_iam_role_policy.schedule[0].policy).Statement == [{
      Sid    = "Submit"
      Effect = "Allow"
      Action = ["batch:SubmitJob", "batch:TagResource"]
      Resource = [
        "arn:aws:batch:eu-west-1:123456789012:job-definition/acme-prod-churn",
        "arn:aws:batch:eu-west-1:123456789012:job-definition/acme-prod-churn:*",
        "arn:aws:batch:eu-west-1:123456789012:job-queue/acme-prod-fargate",
        "arn:aws:batch:eu-west-1:123456789012:job/*",
      ]
    }]
    error_message = "The role of the clock reaches further."
  }

  assert {
    condition = jsondecode(aws_iam_role.schedule[0].assume_role_policy).Statement == [{
      Effect    = "Allow"
      Principal = { Service = "scheduler.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = {
        StringEquals = { "aws:SourceAccount" = "123456789012" }
        ArnEquals    = { "aws:SourceArn" = "arn:aws:scheduler:eu-west-1:123456789012:schedule-group/default" }
      }
    }]
    error_message = "Others could become the role of the clock."
  }
}

run "names_fit_the_longest_project" {
  variables {
    platform    = "fifteen-letters"
    environment = "eightchr"
    project     = "twenty-four-letters-long"
  }

  assert {
    condition     = length(aws_scheduler_schedule.training[0].name) <= 64 && length(aws_iam_role.schedule[0].name) <= 64
    error_message = "EventBridge Scheduler and IAM take 64 characters."
  }
}
