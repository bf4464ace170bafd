mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  platform    = "acme"
  environment = "prod"
  project     = "churn"
}

run "names_that_aws_would_refuse_are_refused" {
  command = plan

  variables {
    platform           = "1acme"
    environment        = "Prod"
    project            = "-churn"
    owner              = "search;ml"
    log_retention_days = 42
    live               = "v1-aaaaaaa"
  }

  expect_failures = [var.platform, var.environment, var.project, var.owner, var.log_retention_days, var.live]
}

run "names_too_long_for_what_is_made_of_them_are_refused" {
  command = plan

  variables {
    platform    = "sixteen-letters-"
    environment = "ninechars"
    project     = "twenty-five-letters-long-"
  }

  expect_failures = [var.platform, var.environment, var.project]
}

run "a_release_is_named_by_its_content" {
  command = plan

  variables {
    releases = [
      { name = "latest", version = 1, image = "m", realtime = { instance_type = "ml.m5.large", instances = 1 } },
    ]
  }

  expect_failures = [var.releases]
}

run "a_release_has_the_version_of_its_name" {
  command = plan

  variables {
    releases = [
      { name = "v2-aaaaaaa", version = 1, image = "m", realtime = { instance_type = "ml.m5.large", instances = 1 } },
    ]
  }

  expect_failures = [var.releases]
}

run "two_releases_have_two_names" {
  command = plan

  variables {
    releases = [
      { name = "v1-aaaaaaa", version = 1, image = "m", realtime = { instance_type = "ml.m5.large", instances = 1 } },
      { name = "v1-aaaaaaa", version = 1, image = "n", realtime = { instance_type = "ml.m5.large", instances = 1 } },
    ]
  }

  expect_failures = [var.releases]
}

run "a_release_is_served_in_one_way" {
  command = plan

  variables {
    releases = [
      { name = "v1-aaaaaaa", version = 1, image = "m" },
    ]
  }

  expect_failures = [var.releases]
}

run "a_realtime_release_has_an_instance" {
  command = plan

  variables {
    releases = [
      { name = "v1-aaaaaaa", version = 1, image = "m", realtime = { instance_type = "ml.m5.large", instances = 0 } },
    ]
  }

  expect_failures = [var.releases]
}

run "serverless_memory_is_one_of_sagemakers_sizes" {
  command = plan

  variables {
    releases = [
      { name = "v1-aaaaaaa", version = 1, image = "m", serverless = { memory = 2000, max_concurrency = 1 } },
    ]
  }

  expect_failures = [var.releases]
}

run "serverless_concurrency_is_within_sagemakers_bounds" {
  command = plan

  variables {
    releases = [
      { name = "v1-aaaaaaa", version = 1, image = "m", serverless = { memory = 2048, max_concurrency = 201 } },
    ]
  }

  expect_failures = [var.releases]
}
