output "repository_url" {
  description = "ECR repository of the training images."
  value       = aws_ecr_repository.training.repository_url
}

output "job_definition_name" {
  description = "Batch job definition: submit by name, for its newest revision."
  value       = aws_batch_job_definition.training.name
}

output "job_definition_arn" {
  description = "ARN of the newest revision of the job definition."
  value       = aws_batch_job_definition.training.arn
}

output "log_group" {
  description = "CloudWatch log group of the training jobs."
  value       = aws_cloudwatch_log_group.training.name
}
