mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  platform     = "acme"
  environment  = "prod"
  project      = "churn"
  alerts_topic = "arn:aws:sns:eu-west-1:123456789012:acme-prod-alerts"
}

run "a_model_is_served_with_its_own_repository_and_logs_alone" {
  assert {
    condition = { for statement in jsondecode(aws_iam_role_policy.serving.policy).Statement : statement.Sid => statement.Resource } == {
      SignIn        = "*"
      Pull          = "arn:aws:ecr:eu-west-1:123456789012:repository/acme-prod/churn/model"
      Log           = "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/sagemaker/Endpoints/acme-prod-churn:*"
      Measure       = "*"
      WatchRollouts = "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:acme-prod-churn-*"
    }
    error_message = "The serving role reaches further than this project."
  }

  assert {
    condition     = !strcontains(jsonencode([for statement in jsondecode(aws_iam_role_policy.serving.policy).Statement : statement.Action]), "*")
    error_message = "An action with an asterisk."
  }
}

run "metrics_go_into_sagemakers_namespaces_alone" {
  assert {
    condition = one([
      for statement in jsondecode(aws_iam_role_policy.serving.policy).Statement : statement.Condition.StringEquals["cloudwatch:namespace"]
      if statement.Sid == "Measure"
    ]) == ["/aws/sagemaker/Endpoints", "AWS/SageMaker"]
    error_message = "The role may write metrics of others."
  }
}

run "every_alarm_that_rolls_a_release_back_can_be_looked_at" {
  variables {
    alarms = { errors_5xx = 5, errors_4xx = 0, latency_p99 = 250 }
    live   = "v1-aaaaaaa"
    releases = [
      { name = "v1-aaaaaaa", version = 1, image = "m", realtime = { instance_type = "ml.m5.large", instances = 1 } },
    ]
  }

  assert {
    condition = length(aws_sagemaker_endpoint.live[0].deployment_config[0].auto_rollback_configuration[0].alarms) == 2 && alltrue([
      for alarm in aws_sagemaker_endpoint.live[0].deployment_config[0].auto_rollback_configuration[0].alarms :
      startswith("arn:aws:cloudwatch:eu-west-1:123456789012:alarm:${alarm.alarm_name}", trimsuffix(one([
        for statement in jsondecode(aws_iam_role_policy.serving.policy).Statement : statement.Resource
        if statement.Action == "cloudwatch:DescribeAlarms"
      ]), "*"))
    ])
    error_message = "SageMaker could not look at the alarms of a rollout."
  }
}

run "only_sagemaker_of_this_account_becomes_the_role" {
  assert {
    condition = (
      jsondecode(aws_iam_role.serving.assume_role_policy).Statement[0].Principal.Service == "sagemaker.amazonaws.com"
      && jsondecode(aws_iam_role.serving.assume_role_policy).Statement[0].Condition.StringEquals["aws:SourceAccount"] == "123456789012"
    )
    error_message = "Somebody else could become this role."
  }
}

run "capturing_requests_is_writing_under_one_prefix" {
  variables {
    releases = [
      { name = "v1-aaaaaaa", version = 1, image = "m", realtime = { instance_type = "ml.m5.large", instances = 1 }, capture = 20 },
    ]
  }

  assert {
    condition = [
      for statement in jsondecode(aws_iam_role_policy.serving.policy).Statement : [statement.Sid, statement.Action, statement.Resource]
      if !contains(["SignIn", "Pull", "Log", "Measure", "WatchRollouts"], statement.Sid)
    ] == [["Capture", ["s3:PutObject"], ["arn:aws:s3:::acme-prod-churn-123456789012/capture/*"]]]
    error_message = "Capture needs to put objects under capture/, and nothing else."
  }
}

run "async_requests_are_read_and_answered_under_one_prefix" {
  variables {
    releases = [
      { name = "v1-aaaaaaa", version = 1, image = "m", async = { instance_type = "ml.m5.large", instances = 1, max_concurrent = 4 } },
    ]
  }

  assert {
    condition = [
      for statement in jsondecode(aws_iam_role_policy.serving.policy).Statement : [statement.Sid, statement.Action, statement.Resource]
      if !contains(["SignIn", "Pull", "Log", "Measure", "WatchRollouts"], statement.Sid)
      ] == [
      ["WorkOff", ["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"], ["arn:aws:s3:::acme-prod-churn-123456789012/async/*"]],
      ["Look", ["s3:ListBucket"], ["arn:aws:s3:::acme-prod-churn-123456789012"]],
      ["Tell", ["sns:Publish"], ["arn:aws:sns:eu-west-1:123456789012:acme-prod-alerts"]],
    ]
    error_message = "An async endpoint needs its own prefix and the alerts topic, and nothing else."
  }
}

run "a_model_in_a_network_makes_interfaces_in_its_own_subnets_alone" {
  variables {
    releases = [
      {
        name     = "v1-aaaaaaa"
        version  = 1
        image    = "m"
        realtime = { instance_type = "ml.m5.large", instances = 1 }
        vpc      = { subnet_ids = ["subnet-1", "subnet-2"], security_group_ids = ["sg-1"] }
      },
    ]
  }

  assert {
    condition = one([
      for statement in jsondecode(aws_iam_role_policy.serving.policy).Statement : statement.Resource if statement.Sid == "JoinNetwork"
      ]) == [
      "arn:aws:ec2:eu-west-1:123456789012:network-interface/*",
      "arn:aws:ec2:eu-west-1:123456789012:subnet/subnet-1",
      "arn:aws:ec2:eu-west-1:123456789012:subnet/subnet-2",
      "arn:aws:ec2:eu-west-1:123456789012:security-group/sg-1",
    ]
    error_message = "The role may make interfaces elsewhere."
  }

  assert {
    condition = alltrue(flatten([
      for statement in jsondecode(aws_iam_role_policy.serving.policy).Statement : [for action in statement.Action : startswith(action, "ec2:Describe")]
      if statement.Sid == "SeeNetwork"
    ]))
    error_message = "What AWS knows no resource for is read only."
  }

  assert {
    condition     = length(aws_s3_bucket.data) == 0
    error_message = "A network is no reason for a bucket."
  }
}

run "the_data_bucket_is_private_encrypted_and_forgets" {
  variables {
    releases = [
      { name = "v1-aaaaaaa", version = 1, image = "m", realtime = { instance_type = "ml.m5.large", instances = 1 }, capture = 20 },
    ]
  }

  assert {
    condition     = aws_s3_bucket.data[0].bucket == "acme-prod-churn-123456789012" && aws_s3_bucket.data[0].force_destroy
    error_message = "Captures go with the deployment."
  }

  assert {
    condition = alltrue([
      aws_s3_bucket_public_access_block.data[0].block_public_acls,
      aws_s3_bucket_public_access_block.data[0].block_public_policy,
      aws_s3_bucket_public_access_block.data[0].ignore_public_acls,
      aws_s3_bucket_public_access_block.data[0].restrict_public_buckets,
      aws_s3_bucket_ownership_controls.data[0].rule[0].object_ownership == "BucketOwnerEnforced",
    ])
    error_message = "Others could read what people send to the model."
  }

  assert {
    condition     = one(one(aws_s3_bucket_server_side_encryption_configuration.data[0].rule).apply_server_side_encryption_by_default).sse_algorithm == "AES256"
    error_message = "Captures lie there in the clear."
  }

  assert {
    condition     = aws_s3_bucket_lifecycle_configuration.data[0].rule[0].expiration[0].days == 90
    error_message = "Captures are kept for 90 days."
  }

  assert {
    condition = (
      jsondecode(aws_s3_bucket_policy.data[0].policy).Statement[0].Effect == "Deny"
      && jsondecode(aws_s3_bucket_policy.data[0].policy).Statement[0].Condition.Bool["aws:SecureTransport"] == "false"
    )
    error_message = "Without TLS nothing may be read or written."
  }
}

run "an_image_that_a_rollback_may_need_is_never_expired" {
  variables {
    releases = [
      { name = "v10-aaaaaaa", version = 10, image = "model:v10", realtime = { instance_type = "ml.m5.large", instances = 1 } },
      { name = "v9-aaaaaaa", version = 9, image = "model:v9", realtime = { instance_type = "ml.m5.large", instances = 1 } },
      { name = "v9-bbbbbbb", version = 9, image = "model:v9", serverless = { memory = 1024, max_concurrency = 1 } },
    ]
  }

  assert {
    condition = [
      for rule in jsondecode(aws_ecr_lifecycle_policy.model.policy).rules : [rule.rulePriority, try(rule.selection.tagPatternList, ["untagged"]), rule.selection.countNumber]
    ] == [[1, ["v9"], 9999], [2, ["v10"], 9999], [100, ["untagged"], 1], [101, ["*"], 22]]
    error_message = "The images of retained releases come first, one rule for each, and 20 others stay."
  }

  assert {
    condition     = aws_ecr_repository.model.image_tag_mutability == "IMMUTABLE"
    error_message = "A tag must always mean the same image."
  }
}
