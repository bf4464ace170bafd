mock_provider "aws" {
  source = "./tests/mocks"
}

run "python_and_terraform_agree" {
  assert {
    condition     = jsonencode(output.spec) == jsonencode(jsondecode(file("expected.json")).spec)
    error_message = "The planner would see a change that is none."
  }

  assert {
    condition     = aws_batch_job_definition.training.name == jsondecode(file("expected.json")).job_definition
    error_message = "Jobs would be submitted on a definition that does not exist."
  }

  assert {
    condition     = aws_ecr_repository.training.name == jsondecode(file("expected.json")).repository
    error_message = "Images would be pushed to a repository that does not exist."
  }
}
