mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  platform    = "acme"
  environment = "prod"
  project     = "churn"
}

run "a_model_is_served_with_its_own_repository_and_logs_alone" {
  assert {
    condition = { for statement in jsondecode(aws_iam_role_policy.serving.policy).Statement : statement.Sid => statement.Resource } == {
      SignIn  = "*"
      Pull    = "arn:aws:ecr:eu-west-1:123456789012:repository/acme-prod/churn/model"
      Log     = "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/sagemaker/Endpoints/acme-prod-churn:*"
      Measure = "*"
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

run "only_sagemaker_of_this_account_becomes_the_role" {
  assert {
    condition = (
      jsondecode(aws_iam_role.serving.assume_role_policy).Statement[0].Principal.Service == "sagemaker.amazonaws.com"
      && jsondecode(aws_iam_role.serving.assume_role_policy).Statement[0].Condition.StringEquals["aws:SourceAccount"] == "123456789012"
    )
    error_message = "Somebody else could become this role."
  }
}

run "an_image_that_a_rollback_may_need_is_never_expired" {
  assert {
    condition     = [for rule in jsondecode(aws_ecr_lifecycle_policy.model.policy).rules : rule.selection.tagStatus] == ["untagged"]
    error_message = "Tagged images would be lost."
  }

  assert {
    condition     = aws_ecr_repository.model.image_tag_mutability == "IMMUTABLE"
    error_message = "A tag must always mean the same image."
  }
}
