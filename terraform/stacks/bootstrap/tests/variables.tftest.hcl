mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  platform     = "acme"
  environment  = "prod"
  state_bucket = "acme-tfstate"
}

run "names_that_aws_would_refuse_are_refused" {
  command = plan

  variables {
    platform    = "1acme"
    environment = "Prod"
    github      = { repository = "acme", environment = "prod" }
  }

  expect_failures = [var.platform, var.environment, var.github]
}

run "names_too_long_for_what_is_made_of_them_are_refused" {
  command = plan

  variables {
    platform    = "sixteen-letters-"
    environment = "ninechars"
  }

  expect_failures = [var.platform, var.environment]
}

run "a_bucket_that_s3_would_refuse_is_refused" {
  command = plan

  variables {
    state_bucket = "Acme_States"
  }

  expect_failures = [var.state_bucket]
}

run "a_bucket_with_too_long_a_name_is_refused" {
  command = plan

  variables {
    state_bucket = "sixty-four-letters-are-one-more-than-amazon-takes-for-a-bucket-n"
  }

  expect_failures = [var.state_bucket]
}

run "a_state_bucket_that_passes_for_a_projects_is_refused" {
  command = plan

  variables {
    state_bucket = "acme-prod-states-123456789012"
  }

  expect_failures = [var.state_bucket]
}

run "another_provider_than_githubs_is_refused" {
  command = plan

  variables {
    github            = { repository = "acme/models", environment = "prod" }
    oidc_provider_arn = "arn:aws:iam::123456789012:oidc-provider/gitlab.com"
  }

  expect_failures = [var.oidc_provider_arn]
}

run "a_provider_without_a_repository_is_refused" {
  command = plan

  variables {
    oidc_provider_arn = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
  }

  expect_failures = [var.oidc_provider_arn]
}

run "a_repository_without_an_environment_is_refused" {
  command = plan

  variables {
    github = { repository = "acme/models", environment = "" }
  }

  expect_failures = [var.github]
}

run "an_environment_without_a_repository_is_refused" {
  command = plan

  variables {
    github = { repository = "", environment = "prod" }
  }

  expect_failures = [var.github]
}

run "a_repository_with_a_wildcard_is_refused" {
  command = plan

  variables {
    github = { repository = "acme/*", environment = "prod" }
  }

  expect_failures = [var.github]
}

run "half_an_immutable_subject_is_refused" {
  command = plan

  variables {
    github = { repository = "acme@123456/models", environment = "prod" }
  }

  expect_failures = [var.github]
}

run "an_environment_that_github_writes_differently_is_refused" {
  command = plan

  variables {
    github = { repository = "acme/models", environment = "prod:eu" }
  }

  expect_failures = [var.github]
}
