# The environment's own part of the state bucket. Old versions cannot be deleted with it: they are what a state is
# restored from.

locals {
  states = "${local.bucket_arn}/${var.environment}"

  state = [
    {
      Sid      = "WriteStates"
      Effect   = "Allow"
      Action   = ["s3:DeleteObject", "s3:PutObject"]
      Resource = "${local.states}/*"
    },
    {
      # Whoever could write the state of the roles could have an administrator undo them.
      Sid      = "KeepTheRoot"
      Effect   = "Deny"
      Action   = ["s3:DeleteObject", "s3:PutObject"]
      Resource = "${local.states}/bootstrap.tfstate*"
    },
    {
      # What became of each run is written once, and who may change the environment is told by one object for ever.
      Sid      = "KeepTheRecord"
      Effect   = "Deny"
      Action   = "s3:DeleteObject"
      Resource = ["${local.states}/history/*", "${local.states}/lease.json"]
    },
    {
      Sid       = "WriteOnce"
      Effect    = "Deny"
      Action    = "s3:PutObject"
      Resource  = "${local.states}/history/*"
      Condition = { Null = { "s3:if-none-match" = "true" } }
    },
    {
      # A lease is taken by whoever saw what it replaces, never over somebody's head.
      Sid       = "TakeTurns"
      Effect    = "Deny"
      Action    = "s3:PutObject"
      Resource  = "${local.states}/lease.json"
      Condition = { Null = { "s3:if-match" = "true", "s3:if-none-match" = "true" } }
    },
  ]
}
