mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  platform    = "acme"
  environment = "prod"
  host        = "mlflow.acme-prod.internal"
}

run "values_that_aws_would_refuse_are_refused" {
  command = plan

  variables {
    platform           = "1acme"
    environment        = "Prod"
    cidr               = "10.30.0.0/23"
    zones              = 1
    cpu                = 1000
    min_tasks          = 0
    image              = "mlflow"
    host               = "mlflow"
    certificate_arn    = "my-certificate"
    log_retention_days = 42
  }

  expect_failures = [
    var.platform, var.environment, var.cidr, var.zones, var.cpu, var.min_tasks, var.image, var.host,
    var.certificate_arn, var.log_retention_days,
  ]
}

run "more_values_that_aws_would_refuse_are_refused" {
  command = plan

  variables {
    platform    = "sixteen-letters1"
    environment = "ninechars"
    cidr        = "10.30.1.0/16"
    zones       = 4
    min_tasks   = 1.5
    image       = "mlflow: 3"
    host        = "MLflow.acme.io"
  }

  expect_failures = [var.platform, var.environment, var.cidr, var.zones, var.min_tasks, var.image, var.host]
}

run "a_network_that_is_none_and_names_that_rds_or_load_balancers_do_not_take_are_refused" {
  command = plan

  variables {
    platform    = "internal"
    environment = "prod-"
    cidr        = "10.30.0.300/16"
  }

  expect_failures = [var.platform, var.environment, var.cidr]
}

run "a_platform_whose_names_rds_does_not_take_is_refused" {
  command = plan

  variables {
    platform = "acme-"
  }

  expect_failures = [var.platform]
}

run "fewer_tasks_at_most_than_always_are_refused" {
  command = plan

  variables {
    min_tasks = 3
  }

  expect_failures = [var.max_tasks]
}

run "half_a_task_is_refused" {
  command = plan

  variables {
    max_tasks = 2.5
  }

  expect_failures = [var.max_tasks]
}

run "memory_goes_with_the_cpu_as_fargate_has_it" {
  command = plan

  variables {
    cpu    = 8192
    memory = 18432
  }

  expect_failures = [var.memory]
}

run "every_size_of_fargate_is_taken" {
  command = plan

  variables {
    cpu    = 16384
    memory = 122880
  }

  assert {
    condition     = var.memory == 122880
    error_message = "Fargate's biggest task."
  }
}

run "a_database_of_no_known_engine_is_refused" {
  command = plan

  variables {
    database = { engine = "oracle" }
  }

  # Whatever is looked up by the engine fails as well.
  expect_failures = [var.database]
}

run "a_database_of_no_class_is_refused" {
  command = plan

  variables {
    database = { instance_class = "t4g.micro" }
  }

  expect_failures = [var.database]
}

run "a_database_too_small_to_be_made_is_refused" {
  command = plan

  variables {
    database = { storage = 19 }
  }

  expect_failures = [var.database]
}

run "a_database_too_big_to_grow_is_refused" {
  command = plan

  variables {
    database = { storage = 16385 }
  }

  expect_failures = [var.database]
}

run "half_a_gigabyte_is_refused" {
  command = plan

  variables {
    database = { storage = 20.5 }
  }

  expect_failures = [var.database]
}

run "half_a_vpn_is_refused" {
  command = plan

  variables {
    vpn = { client_cidr = "10.31.0.0/22" }
  }

  expect_failures = [var.vpn]
}

run "a_vpn_with_too_few_addresses_is_refused" {
  command = plan

  variables {
    vpn = { client_cidr = "10.31.0.0/23", server_certificate_arn = "arn:aws:acm:eu-west-1:1:certificate/a", authority_arn = "arn:aws:acm:eu-west-1:1:certificate/b" }
  }

  expect_failures = [var.vpn]
}

run "a_vpn_inside_the_vpc_is_refused" {
  command = plan

  variables {
    vpn = { client_cidr = "10.30.4.0/22", server_certificate_arn = "arn:aws:acm:eu-west-1:1:certificate/a", authority_arn = "arn:aws:acm:eu-west-1:1:certificate/b" }
  }

  expect_failures = [var.vpn]
}

run "a_vpn_around_the_vpc_is_refused" {
  command = plan

  variables {
    vpn = { client_cidr = "10.16.0.0/12", server_certificate_arn = "arn:aws:acm:eu-west-1:1:certificate/a", authority_arn = "arn:aws:acm:eu-west-1:1:certificate/b" }
  }

  expect_failures = [var.vpn]
}

run "a_vpn_with_certificates_from_elsewhere_is_refused" {
  command = plan

  variables {
    vpn = { client_cidr = "10.31.0.0/22", server_certificate_arn = "arn:aws:iam::1:server-certificate/a", authority_arn = "ca.crt" }
  }

  expect_failures = [var.vpn]
}
