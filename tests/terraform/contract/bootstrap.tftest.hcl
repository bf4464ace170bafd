mock_provider "aws" {
  source = "./tests/mocks"
}

run "python_and_terraform_agree" {
  assert {
    condition     = jsonencode(output.spec) == jsonencode(jsondecode(file("expected.json")).spec)
    error_message = "The planner would see a change that is none."
  }

  assert {
    condition     = aws_s3_bucket.state[0].bucket == jsondecode(file("expected.json")).bucket
    error_message = "States would be looked for in another bucket."
  }
}
