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

run "more_releases_than_ecr_has_rules_for_are_refused" {
  command = plan

  variables {
    releases = [for version in range(1, 43) : {
      name = "v${version}-aaaaaaa", version = version, image = "m", realtime = { instance_type = "ml.m5.large", instances = 1 }
    }]
  }

  expect_failures = [var.releases]
}

run "a_release_is_served_in_one_way_only" {
  command = plan

  variables {
    releases = [
      { name = "v1-aaaaaaa", version = 1, image = "m", realtime = { instance_type = "ml.m5.large", instances = 1 }, async = { instance_type = "ml.m5.large", instances = 1, max_concurrent = 4 } },
    ]
  }

  expect_failures = [var.releases]
}

run "an_async_release_starts_with_an_instance" {
  command = plan

  variables {
    releases = [
      { name = "v1-aaaaaaa", version = 1, image = "m", async = { instance_type = "ml.m5.large", instances = 0, max_concurrent = 4 } },
    ]
  }

  expect_failures = [var.releases]
}

run "instances_are_whole" {
  command = plan

  variables {
    releases = [
      { name = "v1-aaaaaaa", version = 1, image = "m", realtime = { instance_type = "ml.m5.large", instances = 1.5 } },
    ]
  }

  expect_failures = [var.releases]
}

run "none_concurrent_requests_of_an_async_instance_are_refused" {
  command = plan

  variables {
    releases = [
      { name = "v1-aaaaaaa", version = 1, image = "m", async = { instance_type = "ml.m5.large", instances = 1, max_concurrent = 0 } },
    ]
  }

  expect_failures = [var.releases]
}

run "too_many_concurrent_requests_of_an_async_instance_are_refused" {
  command = plan

  variables {
    releases = [
      { name = "v1-aaaaaaa", version = 1, image = "m", async = { instance_type = "ml.m5.large", instances = 1, max_concurrent = 1001 } },
    ]
  }

  expect_failures = [var.releases]
}

run "more_than_all_of_the_requests_cannot_be_captured" {
  command = plan

  variables {
    releases = [
      { name = "v1-aaaaaaa", version = 1, image = "m", realtime = { instance_type = "ml.m5.large", instances = 1 }, capture = 101 },
    ]
  }

  expect_failures = [var.releases]
}

run "less_than_none_of_the_requests_cannot_be_captured" {
  command = plan

  variables {
    releases = [
      { name = "v1-aaaaaaa", version = 1, image = "m", realtime = { instance_type = "ml.m5.large", instances = 1 }, capture = -1 },
    ]
  }

  expect_failures = [var.releases]
}

run "half_a_percent_of_the_requests_cannot_be_captured" {
  command = plan

  variables {
    releases = [
      { name = "v1-aaaaaaa", version = 1, image = "m", realtime = { instance_type = "ml.m5.large", instances = 1 }, capture = 0.5 },
    ]
  }

  expect_failures = [var.releases]
}

run "a_serverless_release_captures_nothing" {
  command = plan

  variables {
    releases = [
      { name = "v1-aaaaaaa", version = 1, image = "m", serverless = { memory = 2048, max_concurrency = 1 }, capture = 10 },
    ]
  }

  expect_failures = [var.releases]
}

run "a_serverless_release_runs_in_no_network" {
  command = plan

  variables {
    releases = [
      { name = "v1-aaaaaaa", version = 1, image = "m", serverless = { memory = 2048, max_concurrency = 1 }, vpc = { subnet_ids = ["subnet-1"], security_group_ids = ["sg-1"] } },
    ]
  }

  expect_failures = [var.releases]
}

run "a_network_has_a_subnet" {
  command = plan

  variables {
    releases = [
      { name = "v1-aaaaaaa", version = 1, image = "m", realtime = { instance_type = "ml.m5.large", instances = 1 }, vpc = { subnet_ids = [], security_group_ids = ["sg-1"] } },
    ]
  }

  expect_failures = [var.releases]
}

run "a_network_has_a_security_group" {
  command = plan

  variables {
    releases = [
      { name = "v1-aaaaaaa", version = 1, image = "m", realtime = { instance_type = "ml.m5.large", instances = 1 }, vpc = { subnet_ids = ["subnet-1"], security_group_ids = [] } },
    ]
  }

  expect_failures = [var.releases]
}
