mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  platform     = "acme"
  environment  = "prod"
  state_bucket = "acme-tfstate"
  code_digest  = "c0de"
}

run "states_are_versioned_encrypted_and_private" {
  assert {
    condition     = aws_s3_bucket.state[0].bucket == "acme-tfstate" && output.bucket == aws_s3_bucket.state[0].id
    error_message = "The bucket has another name."
  }

  assert {
    condition     = aws_s3_bucket_versioning.state[0].versioning_configuration[0].status == "Enabled"
    error_message = "A state that was overwritten could not be restored."
  }

  assert {
    condition     = one(one(aws_s3_bucket_server_side_encryption_configuration.state[0].rule).apply_server_side_encryption_by_default).sse_algorithm == "AES256"
    error_message = "States are not encrypted at rest."
  }

  assert {
    condition = alltrue([
      aws_s3_bucket_public_access_block.state[0].block_public_acls,
      aws_s3_bucket_public_access_block.state[0].block_public_policy,
      aws_s3_bucket_public_access_block.state[0].ignore_public_acls,
      aws_s3_bucket_public_access_block.state[0].restrict_public_buckets,
    ])
    error_message = "The bucket could be made public."
  }

  assert {
    condition     = aws_s3_bucket_ownership_controls.state[0].rule[0].object_ownership == "BucketOwnerEnforced"
    error_message = "Objects could belong to another account."
  }
}

run "states_travel_encrypted_only" {
  assert {
    condition = jsondecode(aws_s3_bucket_policy.state[0].policy).Statement == [{
      Sid       = "EncryptedTransportOnly"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = ["arn:aws:s3:::acme-tfstate", "arn:aws:s3:::acme-tfstate/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
    error_message = "The bucket's policy is another one."
  }
}

run "a_bucket_with_states_is_never_deleted" {
  assert {
    condition     = !aws_s3_bucket.state[0].force_destroy
    error_message = "Destroying the stack would delete every state."
  }
}

run "old_versions_and_given_back_locks_are_forgotten" {
  assert {
    condition     = aws_s3_bucket_lifecycle_configuration.state[0].rule[0].noncurrent_version_expiration[0].noncurrent_days == 90
    error_message = "Old versions are not kept for 90 days."
  }

  assert {
    condition     = aws_s3_bucket_lifecycle_configuration.state[0].rule[0].expiration[0].expired_object_delete_marker
    error_message = "Each lock would leave a mark for ever."
  }
}

run "a_bucket_of_somebody_else_is_left_alone" {
  variables {
    own_bucket = false
  }

  assert {
    condition     = length(aws_s3_bucket.state) == 0 && length(aws_s3_bucket_policy.state) == 0 && length(aws_s3_bucket_lifecycle_configuration.state) == 0
    error_message = "Somebody else's bucket is changed."
  }

  assert {
    condition     = output.bucket == "acme-tfstate"
    error_message = "The output `bucket` names another one."
  }
}

run "spec_gives_the_variables_back" {
  variables {
    github            = { repository = "acme/models", environment = "live" }
    oidc_provider_arn = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
  }

  assert {
    condition = jsonencode(output.spec) == jsonencode({
      code_digest       = "c0de"
      github            = { environment = "live", repository = "acme/models" }
      oidc_provider_arn = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
      own_bucket        = true
      state_bucket      = "acme-tfstate"
    })
    error_message = "The output `spec` is not what was applied."
  }
}
