mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  platform    = "acme"
  environment = "prod"
}

run "without_subnets_all_of_the_vpc_are_taken" {
  assert {
    condition = alltrue([
      for environment in merge(aws_batch_compute_environment.serverless, aws_batch_compute_environment.instances) :
      environment.compute_resources[0].subnets == toset(["subnet-a", "subnet-b"])
    ])
    error_message = "A pool has other subnets than the VPC."
  }
}

run "given_subnets_are_taken_alone" {
  variables {
    subnet_ids = ["subnet-b"]
  }

  assert {
    condition     = aws_batch_compute_environment.serverless["fargate"].compute_resources[0].subnets == toset(["subnet-b"])
    error_message = "Other subnets than the given ones."
  }
}

run "a_subnet_of_another_vpc_is_refused" {
  command = plan

  variables {
    subnet_ids = ["subnet-a", "subnet-elsewhere"]
  }

  expect_failures = [data.aws_subnets.training]
}

run "a_vpc_without_subnets_is_refused" {
  command = plan

  override_data {
    target = data.aws_subnets.training
    values = { ids = [] }
  }

  expect_failures = [data.aws_subnets.training]
}

run "without_a_cidr_no_network_is_made" {
  assert {
    condition = sum([
      for made in [aws_vpc.training, aws_flow_log.training, aws_subnet.public, aws_nat_gateway.training, aws_eip.nat, aws_vpc_endpoint.s3] : length(made)
    ]) + length(aws_subnet.private) == 0
    error_message = "Something of a network of our own, which nobody asked for and somebody pays for."
  }

  assert {
    condition = jsonencode(output.network) == jsonencode({
      security_group_id = "sg-training"
      subnet_ids        = ["subnet-a", "subnet-b"]
      vpc_id            = "vpc-default"
    })
    error_message = "The output `network` is not where jobs run."
  }
}

run "nothing_calls_a_training_job" {
  assert {
    condition     = length(aws_security_group.training.ingress) == 0
    error_message = "The security group lets somebody in."
  }
}
