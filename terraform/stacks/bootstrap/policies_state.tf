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
  ]
}
