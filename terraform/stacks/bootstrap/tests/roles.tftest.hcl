mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  platform     = "acme"
  environment  = "prod"
  state_bucket = "acme-tfstate"
  github       = { repository = "acme/models", environment = "live" }
}

run "roles_are_passed_to_the_services_that_the_stacks_use" {
  assert {
    condition = [
      for statement in flatten([for policy in aws_iam_policy.ci : jsondecode(policy.policy).Statement]) : [statement.Resource, statement.Condition]
      if statement.Effect == "Allow" && contains(flatten([statement.Action]), "iam:PassRole")
      ] == [[
        "arn:aws:iam::123456789012:role/acme-prod-*",
        {
          StringEquals = {
            "iam:PassedToService" = [
              "batch.amazonaws.com",
              "ec2.amazonaws.com",
              "ecs-tasks.amazonaws.com",
              "sagemaker.amazonaws.com",
              "scheduler.amazonaws.com",
              "vpc-flow-logs.amazonaws.com",
            ]
          }
        },
    ]]
    error_message = "Other roles, or other services, than those of the stacks."
  }
}

run "roles_and_instance_profiles_are_named_after_us" {
  assert {
    condition = alltrue([
      for statement in jsondecode(aws_iam_policy.ci["apply-roles"].policy).Statement :
      contains(["arn:aws:iam::123456789012:role/acme-prod-*", "arn:aws:iam::123456789012:instance-profile/acme-prod-*"], statement.Resource)
      if statement.Effect == "Allow" && statement.Sid != "ServiceLinkedRoles"
    ])
    error_message = "A role of somebody else can be changed."
  }

  assert {
    condition = alltrue([
      for action in flatten([for policy in aws_iam_policy.ci : [for statement in jsondecode(policy.policy).Statement : statement.Action if statement.Effect == "Allow"]]) :
      !can(regex("^iam:.*(User|Group|AccessKey|LoginProfile|Boundary|OpenIDConnect|SAML)", action)) || startswith(action, "iam:Get")
    ])
    error_message = "People, keys, boundaries and identity providers are no business of a reconcile."
  }

  assert {
    condition = !anytrue([
      for action in flatten([for policy in aws_iam_policy.ci : jsondecode(policy.policy).Statement[*].Action]) :
      contains(["iam:CreatePolicy", "iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion", "iam:DeletePolicy", "sts:AssumeRole"], action)
    ])
    error_message = "The roles' own policies could be rewritten, or another role taken."
  }
}

run "the_roles_cannot_change_themselves" {
  assert {
    condition = length(setsubtract(
      flatten([
        for statement in jsondecode(aws_iam_policy.ci["apply-roles"].policy).Statement : statement.Action
        if statement.Effect == "Allow" && flatten([statement.Resource]) == ["arn:aws:iam::123456789012:role/acme-prod-*"]
      ]),
      flatten([for statement in jsondecode(aws_iam_policy.ci["apply-roles"].policy).Statement : statement.Action if statement.Sid == "KeepItself"]),
    )) == 0
    error_message = "What is allowed on our roles is not denied on these two."
  }

  assert {
    condition = [
      for statement in jsondecode(aws_iam_policy.ci["apply-roles"].policy).Statement : statement.Resource if statement.Effect == "Deny"
    ] == [["arn:aws:iam::123456789012:role/acme-prod-plan", "arn:aws:iam::123456789012:role/acme-prod-apply"]]
    error_message = "The denial is of other roles."
  }
}

run "of_awss_own_policies_only_the_used_ones_are_attached" {
  assert {
    condition = [
      for statement in flatten([for policy in aws_iam_policy.ci : jsondecode(policy.policy).Statement]) : statement.Condition
      if statement.Effect == "Allow" && contains(flatten([statement.Action]), "iam:AttachRolePolicy")
    ] == [{ ArnEquals = { "iam:PolicyARN" = ["arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role"] } }]
    error_message = "A role could be made an administrator by attaching a policy."
  }
}

run "service_linked_roles_are_made_for_known_services_alone" {
  assert {
    condition = alltrue(flatten([
      for statement in flatten([for policy in aws_iam_policy.ci : jsondecode(policy.policy).Statement]) : [
        for index, service in statement.Condition.StringEquals["iam:AWSServiceName"] :
        statement.Resource[index] == "arn:aws:iam::123456789012:role/aws-service-role/${service}/*"
      ] if contains(flatten([statement.Action]), "iam:CreateServiceLinkedRole")
    ]))
    error_message = "Resources and services of the statement differ."
  }
}
