mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  platform    = "acme"
  environment = "prod"
  host        = "mlflow.acme-prod.internal"
}

run "artifacts_are_versioned_encrypted_and_never_public" {
  command = plan

  assert {
    condition     = aws_s3_bucket.artifacts.bucket == "acme-prod-mlflow-123456789012" && !aws_s3_bucket.artifacts.force_destroy
    error_message = "Another bucket, or one that is lost with everything in it."
  }

  assert {
    condition = (
      aws_s3_bucket_versioning.artifacts.versioning_configuration[0].status == "Enabled"
      && one(one(aws_s3_bucket_server_side_encryption_configuration.artifacts.rule).apply_server_side_encryption_by_default).sse_algorithm == "AES256"
      && one(aws_s3_bucket_ownership_controls.artifacts.rule).object_ownership == "BucketOwnerEnforced"
    )
    error_message = "Artifacts are not versioned, not encrypted or not ours."
  }

  assert {
    condition = alltrue([
      aws_s3_bucket_public_access_block.artifacts.block_public_acls,
      aws_s3_bucket_public_access_block.artifacts.block_public_policy,
      aws_s3_bucket_public_access_block.artifacts.ignore_public_acls,
      aws_s3_bucket_public_access_block.artifacts.restrict_public_buckets,
    ])
    error_message = "The bucket could be made public."
  }

  assert {
    condition     = one(one(aws_s3_bucket_lifecycle_configuration.artifacts.rule).noncurrent_version_expiration).noncurrent_days == 30
    error_message = "What was deleted is paid for, for ever."
  }

  assert {
    condition = (
      one(jsondecode(aws_s3_bucket_policy.artifacts.policy).Statement).Effect == "Deny"
      && one(jsondecode(aws_s3_bucket_policy.artifacts.policy).Statement).Condition.Bool["aws:SecureTransport"] == "false"
      && one(jsondecode(aws_s3_bucket_policy.artifacts.policy).Statement).Resource == [
        "arn:aws:s3:::acme-prod-mlflow-123456789012",
        "arn:aws:s3:::acme-prod-mlflow-123456789012/*",
      ]
    )
    error_message = "Plain HTTP is let through."
  }
}

run "every_role_reaches_what_is_its_own_and_nothing_else" {
  command = plan

  override_resource {
    override_during = plan
    target          = aws_cloudwatch_log_group.server
    values          = { arn = "arn:aws:logs:eu-west-1:123456789012:log-group:/acme/prod/mlflow/server" }
  }

  override_resource {
    override_during = plan
    target          = aws_cloudwatch_log_group.flow
    values          = { arn = "arn:aws:logs:eu-west-1:123456789012:log-group:/acme/prod/mlflow/flow" }
  }

  assert {
    condition = { for statement in jsondecode(aws_iam_role_policy.task.policy).Statement : statement.Sid => statement.Resource } == {
      List = "arn:aws:s3:::acme-prod-mlflow-123456789012"
      Keep = "arn:aws:s3:::acme-prod-mlflow-123456789012/*"
    }
    error_message = "The server reaches further than its bucket."
  }

  assert {
    condition = (
      jsondecode(aws_iam_role.task.assume_role_policy).Statement[0].Principal.Service == "ecs-tasks.amazonaws.com"
      && jsondecode(aws_iam_role.task.assume_role_policy).Statement[0].Condition.StringEquals["aws:SourceAccount"] == "123456789012"
    )
    error_message = "Somebody else could become the server."
  }

  assert {
    condition = { for statement in jsondecode(aws_iam_role_policy.execution.policy).Statement : statement.Sid => statement.Resource } == {
      SignIn   = "*"
      Pull     = "arn:aws:ecr:eu-west-1:123456789012:repository/acme-prod/mlflow-server"
      Log      = "arn:aws:logs:eu-west-1:123456789012:log-group:/acme/prod/mlflow/server:*"
      Password = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:rds!db-1-AbCdEf"
    }
    error_message = "The execution role reaches further than this server."
  }

  assert {
    condition = { for statement in jsondecode(aws_iam_role_policy.flow.policy).Statement : statement.Sid => flatten([statement.Resource]) } == {
      Write = ["arn:aws:logs:eu-west-1:123456789012:log-group:/acme/prod/mlflow/flow", "arn:aws:logs:eu-west-1:123456789012:log-group:/acme/prod/mlflow/flow:*"]
      Find  = ["*"]
    }
    error_message = "The role writes into other logs."
  }

  assert {
    condition     = jsondecode(aws_iam_role.flow.assume_role_policy).Statement[0].Condition.StringEquals["aws:SourceAccount"] == "123456789012"
    error_message = "Flow logs of another account could use the role."
  }

  assert {
    condition = !strcontains(jsonencode([
      for policy in [aws_iam_role_policy.task.policy, aws_iam_role_policy.execution.policy, aws_iam_role_policy.flow.policy] :
      [for statement in jsondecode(policy).Statement : statement.Action]
    ]), "*")
    error_message = "An action with an asterisk."
  }
}

run "a_tag_always_means_the_same_image" {
  command = plan

  assert {
    condition = (
      aws_ecr_repository.server.name == "acme-prod/mlflow-server"
      && aws_ecr_repository.server.image_tag_mutability == "IMMUTABLE"
      && aws_ecr_repository.server.image_scanning_configuration[0].scan_on_push
    )
    error_message = "Another repository, or one whose tags move."
  }
}
