# What this stack was last applied with. An output made of variables alone is stored even when the apply fails: half a
# stack would pass for a whole one. A resource that waits for all others is not.
resource "terraform_data" "applied" {
  input = merge({
    owner        = var.owner
    releases     = var.releases
    live         = var.live
    scaling      = var.scaling
    rollout      = var.rollout
    alarms       = var.alarms
    alerts_topic = var.alerts_topic
    metrics      = var.metrics
    code_digest  = var.code_digest
  }, length(var.tags) == 0 ? {} : { tags = var.tags })

  depends_on = [
    aws_appautoscaling_policy.track,
    aws_appautoscaling_policy.wake,
    aws_cloudwatch_dashboard.live,
    aws_cloudwatch_metric_alarm.backlog,
    aws_cloudwatch_metric_alarm.errors_4xx,
    aws_cloudwatch_metric_alarm.no_instance,
    aws_cloudwatch_metric_alarm.throttled,
    aws_cloudwatch_metric_alarm.wake,
    aws_ecr_lifecycle_policy.model,
    aws_s3_bucket_lifecycle_configuration.data,
    aws_s3_bucket_ownership_controls.data,
    aws_s3_bucket_server_side_encryption_configuration.data,
    aws_sagemaker_endpoint.live,
    aws_sagemaker_endpoint_configuration.release,
  ]
}

output "spec" {
  description = "What this stack was last applied with, whole: an apply that failed leaves the one before."
  value       = terraform_data.applied.output
}
