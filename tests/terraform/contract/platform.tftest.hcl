mock_provider "aws" {
  source = "./tests/mocks"
}

run "python_and_terraform_agree" {
  assert {
    condition     = jsonencode(output.spec) == jsonencode(jsondecode(file("expected.json")).spec)
    error_message = "The planner would see a change that is none."
  }

  assert {
    condition     = sort([for queue in aws_batch_job_queue.pool : queue.name]) == sort(jsondecode(file("expected.json")).queues)
    error_message = "Jobs would be submitted to queues that do not exist."
  }
}
