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
}

run "no_policy_allows_every_action" {
  assert {
    condition = alltrue([
      for statement in concat(jsondecode(aws_iam_role_policy.execution.policy).Statement, jsondecode(aws_iam_role_policy.job.policy).Statement) :
      !strcontains(jsonencode(statement.Action), "*")
    ])
    error_message = "An action with an asterisk."
  }
}

run "a_job_is_started_with_its_own_repository_and_logs_alone" {
  assert {
    condition = { for statement in jsondecode(aws_iam_role_policy.execution.policy).Statement : statement.Sid => statement.Resource } == {
      SignIn = "*"
      Pull   = "arn:aws:ecr:eu-west-1:123456789012:repository/acme-prod/churn/training"
      Log    = "arn:aws:logs:eu-west-1:123456789012:log-group:/acme/prod/churn/training:*"
    }
    error_message = "The execution role reaches further than this project."
  }

  assert {
    condition = one([
      for statement in jsondecode(aws_iam_role_policy.execution.policy).Statement : statement.Action if statement.Resource == "*"
    ]) == "ecr:GetAuthorizationToken"
    error_message = "Only signing in to the registry has no resource."
  }
}

run "a_job_reads_the_settings_of_its_own_environment_alone" {
  assert {
    condition = { for statement in jsondecode(aws_iam_role_policy.job.policy).Statement : statement.Sid => statement.Resource } == {
      Parameters = "arn:aws:ssm:eu-west-1:123456789012:parameter/acme/eu-west-1/prod/*"
      Secrets    = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:/acme/eu-west-1/prod/*"
    }
    error_message = "The job role reaches further than /acme/eu-west-1/prod/."
  }

  assert {
    condition = alltrue([
      for action in flatten([for statement in jsondecode(aws_iam_role_policy.job.policy).Statement : statement.Action]) :
      can(regex(":Get", action))
    ])
    error_message = "The job role may do more than read."
  }
}

run "without_a_bucket_a_job_has_no_objects" {
  assert {
    condition     = !strcontains(aws_iam_role_policy.job.policy, "s3:")
    error_message = "The job role may use a bucket that nobody named."
  }
}

run "a_job_keeps_its_own_objects_in_the_bucket" {
  variables {
    artifact_bucket = "acme-prod-mlflow"
  }

  assert {
    condition = {
      for statement in jsondecode(aws_iam_role_policy.job.policy).Statement : statement.Sid => [statement.Action, statement.Resource]
      if startswith(join("", flatten([statement.Action])), "s3:")
      } == {
      OwnObjects     = [["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"], "arn:aws:s3:::acme-prod-mlflow/churn/*"]
      ListOwnObjects = [["s3:ListBucket"], "arn:aws:s3:::acme-prod-mlflow"]
    }
    error_message = "The job role reaches further than churn/."
  }

  assert {
    condition = one([
      for statement in jsondecode(aws_iam_role_policy.job.policy).Statement : statement.Condition if statement.Sid == "ListOwnObjects"
    ]) == { StringLike = { "s3:prefix" = ["churn/*"] } }
    error_message = "The job role sees the objects of others."
  }
}

run "a_policy_of_its_own_takes_the_place_of_the_default" {
  variables {
    artifact_bucket = "acme-prod-mlflow"
    policy          = jsonencode({ Version = "2012-10-17", Statement = { Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::data/*" } })
  }

  assert {
    condition     = aws_iam_role_policy.job.policy == var.policy
    error_message = "The job role may do something else than its policy says."
  }
}

run "only_tasks_of_this_account_become_the_job_role" {
  assert {
    condition     = jsondecode(aws_iam_role.job.assume_role_policy).Statement[0].Condition.StringEquals["aws:SourceAccount"] == "123456789012"
    error_message = "Another account's tasks could become this role."
  }
}

run "role_names_fit_the_longest_project" {
  variables {
    platform    = "fifteen-letters"
    environment = "eightchr"
    project     = "twenty-four-letters-long"
  }

  assert {
    condition     = length(aws_iam_role.execution.name) <= 64 && length(aws_iam_role.job.name) <= 64
    error_message = "IAM takes 64 characters."
  }
}
