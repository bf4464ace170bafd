output "repository_url" {
  description = "ECR repository of the model images."
  value       = aws_ecr_repository.model.repository_url
}

output "endpoint_name" {
  description = "SageMaker endpoint; empty: there is none."
  value       = var.live == "" ? "" : local.name
}

output "live_version" {
  description = "Model version that the endpoint was asked to serve; 0: none."
  value       = try(local.live.version, 0)
}

output "releases" {
  description = "Releases that may exist: also those of an apply that failed, which `spec` does not tell."
  value       = var.releases
}

output "guardrails" {
  description = "Guardrails of the endpoint as SageMaker's UpdateEndpoint takes them (DeploymentConfig), to restore them when somebody updated the endpoint without; null: none."
  value       = local.guarded ? local.guardrails : null
}

output "ignored_alarms" {
  description = "Alarms that the last update of the endpoint went without: it is not as `guardrails` says, and nobody changed it."
  value       = var.ignored_alarms
}
