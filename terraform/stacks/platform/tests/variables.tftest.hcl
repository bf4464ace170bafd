mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  platform    = "acme"
  environment = "prod"
}

run "names_that_aws_would_refuse_are_refused" {
  command = plan

  variables {
    platform    = "1acme"
    environment = "Prod"
    vpc_id      = "main"
    subnet_ids  = ["vpc-1"]
    max_vcpus   = 0
  }

  expect_failures = [var.platform, var.environment, var.vpc_id, var.subnet_ids, var.max_vcpus]
}

run "names_too_long_for_what_is_made_of_them_are_refused" {
  command = plan

  variables {
    platform    = "sixteen-letters-"
    environment = "ninechars"
    max_vcpus   = 1.5
  }

  expect_failures = [var.platform, var.environment, var.max_vcpus]
}
