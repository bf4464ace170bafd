# What this stack was last applied with. An output made of variables alone is stored even when the apply fails: half a
# stack would pass for a whole one. A resource that waits for all others is not.
resource "terraform_data" "applied" {
  input = merge({
    state_bucket      = var.state_bucket
    own_bucket        = var.own_bucket
    github            = var.github
    oidc_provider_arn = var.oidc_provider_arn
    code_digest       = var.code_digest
  }, length(var.tags) == 0 ? {} : { tags = var.tags })

  depends_on = [
    aws_iam_role_policy_attachment.apply,
    aws_iam_role_policy_attachment.plan,
    aws_s3_bucket_lifecycle_configuration.state,
    aws_s3_bucket_ownership_controls.state,
    aws_s3_bucket_policy.state,
    aws_s3_bucket_server_side_encryption_configuration.state,
  ]
}

output "spec" {
  description = "What this stack was last applied with, whole: an apply that failed leaves the one before."
  value       = terraform_data.applied.output
}
