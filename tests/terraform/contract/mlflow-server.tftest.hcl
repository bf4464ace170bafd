mock_provider "aws" {
  source = "./tests/mocks"
}

run "python_and_terraform_agree" {
  assert {
    condition     = jsonencode(output.spec) == jsonencode(jsondecode(file("expected.json")).spec)
    error_message = "The planner would see a change that is none."
  }

  assert {
    condition     = output.tracking_uri == jsondecode(file("expected.json")).uri
    error_message = "Jobs would log to another address."
  }

  assert {
    condition     = aws_ecr_repository.server.name == jsondecode(file("expected.json")).repository
    error_message = "Images would be pushed to a repository that does not exist."
  }

  assert {
    condition     = aws_s3_bucket.artifacts.bucket == jsondecode(file("expected.json")).bucket
    error_message = "Jobs would be allowed into another bucket."
  }
}
