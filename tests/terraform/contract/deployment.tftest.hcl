mock_provider "aws" {
  source = "./tests/mocks"
}

run "python_and_terraform_agree" {
  assert {
    condition     = jsonencode(output.spec) == jsonencode(jsondecode(file("expected.json")).spec)
    error_message = "The planner would see a change that is none."
  }

  assert {
    condition     = jsonencode(output.releases) == jsonencode(jsondecode(file("expected.json")).spec.releases)
    error_message = "A release could not be read back."
  }

  assert {
    condition     = output.endpoint_name == jsondecode(file("expected.json")).endpoint
    error_message = "The endpoint would not be found."
  }

  assert {
    condition     = sort([for each in aws_sagemaker_endpoint_configuration.release : each.name]) == sort(jsondecode(file("expected.json")).configurations)
    error_message = "What the endpoint serves would not be known."
  }

  assert {
    condition     = sort([for each in aws_sagemaker_model.release : each.name]) == sort(jsondecode(file("expected.json")).configurations)
    error_message = "A model and its configuration have two names."
  }

  assert {
    condition     = aws_ecr_repository.model.name == jsondecode(file("expected.json")).repository
    error_message = "Images would be pushed to a repository that does not exist."
  }
}
