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
    platform     = "1acme"
    environment  = "Prod"
    vpc_id       = "main"
    subnet_ids   = ["vpc-1"]
    max_vcpus    = 0
    zones        = 4
    disk         = 29
    alert_emails = ["ml at acme"]
  }

  expect_failures = [
    var.platform, var.environment, var.vpc_id, var.subnet_ids, var.max_vcpus, var.zones, var.disk, var.alert_emails,
  ]
}

run "names_too_long_for_what_is_made_of_them_are_refused" {
  command = plan

  variables {
    platform     = "sixteen-letters-"
    environment  = "ninechars"
    max_vcpus    = 1.5
    disk         = 16385
    alert_emails = ["ml@acme.example", "ml@acme.example"]
  }

  expect_failures = [var.platform, var.environment, var.max_vcpus, var.disk, var.alert_emails]
}

run "a_network_too_small_is_refused" {
  command = plan

  variables {
    cidr = "10.20.0.0/23"
    disk = 100.5
  }

  expect_failures = [var.cidr, var.disk]
}

run "a_network_by_another_address_than_its_first_is_refused" {
  command = plan

  variables {
    cidr = "10.20.0.1/16"
  }

  expect_failures = [var.cidr]
}

run "a_network_of_our_own_and_a_given_one_are_refused_together" {
  command = plan

  variables {
    cidr   = "10.20.0.0/16"
    vpc_id = "vpc-1"
  }

  expect_failures = [var.cidr]
}

run "a_network_of_our_own_has_subnets_of_its_own" {
  command = plan

  variables {
    cidr       = "10.20.0.0/16"
    subnet_ids = ["subnet-a"]
  }

  expect_failures = [var.cidr]
}

run "only_what_cannot_be_made_twice_is_adopted" {
  command = plan

  variables {
    adopt = ["aws_vpc.training[0]"]
  }

  expect_failures = [var.adopt]
}
