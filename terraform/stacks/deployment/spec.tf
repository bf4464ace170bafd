# What this stack was last applied with. An output made of variables alone is stored even when the apply fails: half a
# stack would pass for a whole one. A resource that waits for all others is not.
resource "terraform_data" "applied" {
  input = {
    owner       = var.owner
    releases    = var.releases
    live        = var.live
    code_digest = var.code_digest
  }

  depends_on = [
    aws_ecr_lifecycle_policy.model,
    aws_sagemaker_endpoint.live,
    aws_sagemaker_endpoint_configuration.release,
  ]
}

output "spec" {
  description = "What this stack was last applied with, whole: an apply that failed leaves the one before."
  value       = terraform_data.applied.output
}
