mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  platform     = "acme"
  environment  = "prod"
  state_bucket = "acme-tfstate"
  github       = { repository = "acme/models", environment = "live" }
}

run "no_policy_allows_every_action" {
  assert {
    condition = alltrue([
      for statement in flatten([for policy in aws_iam_policy.ci : jsondecode(policy.policy).Statement]) :
      !strcontains(jsonencode(statement.Action), "*")
    ])
    error_message = "An action with an asterisk."
  }

  assert {
    condition = alltrue([
      for statement in flatten([for policy in aws_iam_policy.ci : jsondecode(policy.policy).Statement]) :
      contains(["Allow", "Deny"], statement.Effect) && length(setsubtract(keys(statement), ["Sid", "Effect", "Action", "Resource", "Condition"])) == 0
    ])
    error_message = "NotAction and NotResource allow what nobody listed."
  }
}

run "only_what_aws_knows_no_resource_for_is_allowed_on_all" {
  assert {
    condition = toset([
      for statement in flatten([for policy in aws_iam_policy.ci : jsondecode(policy.policy).Statement]) :
      statement.Sid if contains(flatten([statement.Resource]), "*")
    ]) == toset(["Describe", "SignIn", "Subscriptions", "EndTaskDefinitions", "MakeZones", "FindCertificates"])
    error_message = "Other statements than those whose comments say why reach everything."
  }

  assert {
    condition = toset(flatten([
      for statement in flatten([for name, policy in aws_iam_policy.ci : jsondecode(policy.policy).Statement if !startswith(name, "read-")]) :
      statement.Action if contains(flatten([statement.Resource]), "*")
      ])) == toset([
      "acm:ListCertificates",
      "ecr:GetAuthorizationToken",
      "ecs:DeregisterTaskDefinition",
      "route53:CreateHostedZone",
      "sns:SetSubscriptionAttributes",
      "sns:Unsubscribe",
    ])
    error_message = "Other actions than those that AWS knows no resource for reach everything."
  }
}

run "every_policy_fits_and_a_role_holds_them_all" {
  variables {
    platform     = "fifteen-letters"
    environment  = "eightchr"
    state_bucket = "sixty-three-letters-are-what-amazon-takes-for-a-bucket-name-all"
  }

  assert {
    condition     = length(aws_iam_policy.ci) > 0 && alltrue([for policy in aws_iam_policy.ci : length(policy.policy) <= 6144])
    error_message = "IAM takes 6144 characters."
  }

  assert {
    condition     = length(aws_iam_role_policy_attachment.apply) == length(aws_iam_policy.ci) && length(aws_iam_policy.ci) <= 10
    error_message = "IAM takes ten policies for a role, and the apply role needs them all."
  }
}

run "planning_changes_nothing_and_sees_no_secret" {
  assert {
    condition     = toset(keys(aws_iam_role_policy_attachment.plan)) == toset(["read-aws", "read-ours"])
    error_message = "The plan role has other policies."
  }

  assert {
    condition = alltrue([
      for action in flatten([for name in keys(aws_iam_role_policy_attachment.plan) : jsondecode(aws_iam_policy.ci[name].policy).Statement[*].Action]) :
      can(regex(":(Describe|Get|List)", action))
    ])
    error_message = "The plan role may do more than read."
  }

  assert {
    condition = length(setintersection(
      flatten([for name in keys(aws_iam_role_policy_attachment.plan) : jsondecode(aws_iam_policy.ci[name].policy).Statement[*].Action]),
      ["ecr:GetAuthorizationToken", "s3:GetObjectVersion", "secretsmanager:GetSecretValue", "ssm:GetParameter"],
    )) == 0
    error_message = "The plan role sees what is in things."
  }

  assert {
    condition = [
      for statement in jsondecode(aws_iam_policy.ci["read-ours"].policy).Statement : statement.Resource if contains(flatten([statement.Action]), "s3:GetObject")
    ] == ["arn:aws:s3:::acme-tfstate/prod/*"]
    error_message = "Other objects than the environment's own states are read."
  }

  assert {
    condition = [
      for statement in jsondecode(aws_iam_policy.ci["read-ours"].policy).Statement : statement.Resource if contains(flatten([statement.Action]), "logs:GetLogEvents")
    ] == ["arn:aws:logs:eu-west-1:123456789012:log-group:/acme/prod/*/training:*"]
    error_message = "Other logs than those of trainings are read."
  }
}

run "the_authority_of_the_vpn_is_read_made_and_kept_by_the_apply_role_alone" {
  assert {
    condition = [
      for statement in jsondecode(aws_iam_policy.ci["apply-vpn"].policy).Statement : [statement.Action, statement.Resource] if can(regex("secretsmanager:", jsonencode(statement.Action)))
      ] == [[
        [
          "secretsmanager:CreateSecret",
          "secretsmanager:DescribeSecret",
          "secretsmanager:GetSecretValue",
          "secretsmanager:PutSecretValue",
          "secretsmanager:TagResource",
          "secretsmanager:UpdateSecretVersionStage",
        ],
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:acme-prod-vpn-authority*",
    ]]
    error_message = "The apply role does something else with the authority."
  }
}

run "only_what_is_ours_is_taken_away" {
  assert {
    condition = alltrue([
      for statement in flatten([for policy in aws_iam_policy.ci : jsondecode(policy.policy).Statement]) :
      try(
        statement.Condition.StringEquals["aws:ResourceTag/reconciler:platform"] == "acme" && statement.Condition.StringEquals["aws:ResourceTag/reconciler:environment"] == "prod",
        alltrue([for resource in flatten([statement.Resource]) : can(regex("[:/]acme-prod[-/]|[:/]acme-prod$|/acme/prod/|:acme-tfstate/prod/", resource))]),
      )
      if statement.Effect == "Allow"
      && can(regex(":(Delete|Terminate|Deregister|Detach|Disassociate|Release|Remove|Revoke|Untag|Disable)", jsonencode(statement.Action)))
      && statement.Sid != "EndTaskDefinitions"
    ])
    error_message = "Something of somebody else's can be taken away."
  }
}

run "what_is_made_in_a_network_says_whose_it_is" {
  assert {
    condition = alltrue([
      for statement in flatten([for policy in aws_iam_policy.ci : jsondecode(policy.policy).Statement]) :
      anytrue([
        try(statement.Condition.StringEquals["aws:RequestTag/reconciler:platform"] == "acme" && statement.Condition.StringEquals["aws:RequestTag/reconciler:environment"] == "prod", false),
        try(statement.Condition.StringEquals["aws:ResourceTag/reconciler:platform"] == "acme" && statement.Condition.StringEquals["aws:ResourceTag/reconciler:environment"] == "prod", false),
        try(length(statement.Condition.StringEquals["ec2:CreateAction"]) > 0, false),
        contains(["MakeGroupsAnywhere", "MakeRules"], statement.Sid),
      ])
      if can(regex("\"ec2:(Create|Allocate|Authorize|Associate|Attach|Modify|Replace)", jsonencode(statement.Action)))
    ])
    error_message = "A network could be made, or changed, that is not ours."
  }

  assert {
    condition = { for statement in jsondecode(aws_iam_policy.ci["apply-network"].policy).Statement : statement.Sid => statement.Action if statement.Sid == "MakeGroupsAnywhere" } == {
      MakeGroupsAnywhere = "ec2:CreateSecurityGroup"
    }
    error_message = "More than a security group can be made in somebody else's network."
  }
}

run "only_tags_that_nobody_gave_are_claimed" {
  assert {
    condition = alltrue([
      for statement in flatten([for policy in aws_iam_policy.ci : jsondecode(policy.policy).Statement]) :
      try(statement.Condition.Null["aws:ResourceTag/reconciler:platform"] == "true", false) && can(statement.Condition.StringEquals["aws:RequestTag/reconciler:platform"])
      if contains(["AdoptDefaultGroups", "MakeCertificates", "TagJobs"], statement.Sid)
    ])
    error_message = "What belongs to another platform or environment can be claimed."
  }
}

run "the_state_bucket_is_written_in_the_environments_part_alone" {
  assert {
    condition = [
      for statement in jsondecode(aws_iam_policy.ci["apply-storage"].policy).Statement : { (statement.Effect) = statement.Resource, actions = statement.Action }
      if strcontains(jsonencode(statement.Resource), "acme-tfstate")
      ] == [
      { Allow = "arn:aws:s3:::acme-tfstate/prod/*", actions = ["s3:DeleteObject", "s3:PutObject"] },
      { Deny = "arn:aws:s3:::acme-tfstate/prod/bootstrap.tfstate*", actions = ["s3:DeleteObject", "s3:PutObject"] },
      { Deny = ["arn:aws:s3:::acme-tfstate/prod/history/*", "arn:aws:s3:::acme-tfstate/prod/lease.json"], actions = "s3:DeleteObject" },
      { Deny = "arn:aws:s3:::acme-tfstate/prod/history/*", actions = "s3:PutObject" },
      { Deny = "arn:aws:s3:::acme-tfstate/prod/lease.json", actions = "s3:PutObject" },
    ]
    error_message = "Other environments' states, old versions or the state of these roles are in reach."
  }

  assert {
    condition = {
      for statement in jsondecode(aws_iam_policy.ci["apply-storage"].policy).Statement : statement.Sid => statement.Condition
      if contains(["WriteOnce", "TakeTurns"], statement.Sid)
      } == {
      WriteOnce = { Null = { "s3:if-none-match" = "true" } }
      TakeTurns = { Null = { "s3:if-match" = "true", "s3:if-none-match" = "true" } }
    }
    error_message = "The history can be rewritten, or a lease taken that somebody holds."
  }

  assert {
    condition = alltrue([
      for statement in jsondecode(aws_iam_policy.ci["read-ours"].policy).Statement :
      statement.Condition == { StringLike = { "s3:prefix" = "prod/*" } } if flatten([statement.Resource]) == ["arn:aws:s3:::acme-tfstate"]
    ])
    error_message = "Other environments' states are listed."
  }
}

run "what_stands_in_a_stack_can_be_found" {
  assert {
    condition = one([
      for statement in jsondecode(aws_iam_policy.ci["read-ours"].policy).Statement : statement
      if contains(flatten([statement.Action]), "s3:ListBucket") && !can(statement.Condition)
    ]).Resource == ["arn:aws:s3:::acme-prod-*-123456789012", "arn:aws:s3:::acme-tfstate"]
    error_message = "HeadBucket is refused, and the bucket taken for gone."
  }
}

run "names_in_a_bucket_of_somebody_else_stay_unseen" {
  variables {
    own_bucket = false
  }

  assert {
    condition = one([
      for statement in jsondecode(aws_iam_policy.ci["read-ours"].policy).Statement : statement
      if contains(flatten([statement.Action]), "s3:ListBucket") && !can(statement.Condition)
    ]).Resource == ["arn:aws:s3:::acme-prod-*-123456789012"]
    error_message = "Everything in the bucket is listed, although no stack has to find it."
  }
}

run "what_aws_asks_for_in_our_name_is_allowed" {
  assert {
    condition = {
      for statement in jsondecode(aws_iam_policy.ci["apply-server"].policy).Statement : statement.Sid => [statement.Action, statement.Resource, try(keys(statement.Condition.StringEquals), [])]
      if contains(["DatabasePasswordKey", "BalancersInOurs"], statement.Sid)
      } == {
      BalancersInOurs = [
        "ec2:GetSecurityGroupsForVpc",
        "arn:aws:ec2:eu-west-1:123456789012:vpc/*",
        ["aws:ResourceTag/reconciler:environment", "aws:ResourceTag/reconciler:platform"],
      ]
      DatabasePasswordKey = ["kms:DescribeKey", "arn:aws:kms:eu-west-1:123456789012:key/*", []]
    }
    error_message = "RDS cannot make the password, or no load balancer is given its group."
  }
}

run "artifacts_of_the_server_outlive_every_merge" {
  assert {
    condition = [
      for statement in jsondecode(aws_iam_policy.ci["apply-storage"].policy).Statement : statement
      if statement.Effect == "Deny" && statement.Sid == "KeepArtifacts"
      ] == [{
        Action   = ["s3:DeleteBucket", "s3:DeleteObject", "s3:DeleteObjectVersion"]
        Effect   = "Deny"
        Resource = ["arn:aws:s3:::acme-prod-mlflow-123456789012", "arn:aws:s3:::acme-prod-mlflow-123456789012/*"]
        Sid      = "KeepArtifacts"
    }]
    error_message = "A merge could delete every model."
  }

  assert {
    condition = length(setintersection(
      flatten([for policy in aws_iam_policy.ci : jsondecode(policy.policy).Statement[*].Action]),
      ["rds:DeleteDBInstance", "route53:DeleteHostedZone", "s3:PutBucketAcl"],
    )) == 0
    error_message = "A merge could delete the database or a zone."
  }
}
