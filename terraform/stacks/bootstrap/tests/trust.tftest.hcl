mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  platform     = "acme"
  environment  = "prod"
  state_bucket = "acme-tfstate"
  github       = { repository = "acme/models", environment = "live" }
}

run "without_github_there_are_no_roles" {
  variables {
    github = { repository = "", environment = "" }
  }

  assert {
    condition = (
      length(aws_iam_role.plan) == 0 && length(aws_iam_role.apply) == 0 && length(aws_iam_policy.ci) == 0
      && length(aws_iam_openid_connect_provider.github) == 0
    )
    error_message = "Something is made for nobody."
  }

  assert {
    condition     = output.plan_role_arn == "" && output.apply_role_arn == ""
    error_message = "The outputs name roles that do not exist."
  }
}

run "one_environment_plans_and_the_other_applies" {
  assert {
    condition = jsondecode(aws_iam_role.plan[0].assume_role_policy).Statement == [{
      Effect    = "Allow"
      Principal = { Federated = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com" }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = {
        StringEquals = {
          "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"
          "token.actions.githubusercontent.com:sub" = ["repo:acme/models:environment:live-plan", "repo:acme/models:environment:live"]
        }
      }
    }]
    error_message = "Somebody else could take the plan role."
  }

  assert {
    condition = jsondecode(aws_iam_role.apply[0].assume_role_policy).Statement == [{
      Effect    = "Allow"
      Principal = { Federated = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com" }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = {
        StringEquals = {
          "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"
          "token.actions.githubusercontent.com:sub" = ["repo:acme/models:environment:live"]
        }
      }
    }]
    error_message = "Somebody else could take the apply role."
  }

  assert {
    condition = (
      aws_iam_role.plan[0].name == "acme-prod-plan" && aws_iam_role.apply[0].name == "acme-prod-apply"
      && output.plan_role_arn == aws_iam_role.plan[0].arn && output.apply_role_arn == aws_iam_role.apply[0].arn
    )
    error_message = "The roles have other names, or the outputs mix them up."
  }
}

run "tokens_are_githubs_and_meant_for_aws" {
  assert {
    condition = (
      aws_iam_openid_connect_provider.github[0].url == "https://token.actions.githubusercontent.com"
      && aws_iam_openid_connect_provider.github[0].client_id_list == toset(["sts.amazonaws.com"])
    )
    error_message = "Tokens of somebody else, or for somebody else, are taken."
  }
}

run "an_account_that_knows_github_is_given_no_second_provider" {
  variables {
    oidc_provider_arn = "arn:aws:iam::210987654321:oidc-provider/token.actions.githubusercontent.com"
  }

  assert {
    condition     = length(aws_iam_openid_connect_provider.github) == 0
    error_message = "AWS refuses a second provider for the same address."
  }

  assert {
    condition = alltrue([
      for role in [aws_iam_role.plan[0], aws_iam_role.apply[0]] :
      jsondecode(role.assume_role_policy).Statement[0].Principal.Federated == "arn:aws:iam::210987654321:oidc-provider/token.actions.githubusercontent.com"
    ])
    error_message = "The roles do not trust the given provider."
  }
}

run "a_repository_with_immutable_subjects_is_named_by_them" {
  variables {
    github = { repository = "acme@123456/models@456789", environment = "live" }
  }

  assert {
    condition = jsondecode(aws_iam_role.apply[0].assume_role_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:sub"] == [
      "repo:acme@123456/models@456789:environment:live"
    ]
    error_message = "GitHub's token would not match."
  }
}
