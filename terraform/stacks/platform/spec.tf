# What this stack was last applied with. An output made of variables alone is stored even when the apply fails: half a
# stack would pass for a whole one. A resource that waits for all others is not.
resource "terraform_data" "applied" {
  input = merge({
    vpc_id       = var.vpc_id
    subnet_ids   = var.subnet_ids
    cidr         = var.cidr
    zones        = var.zones
    max_vcpus    = var.max_vcpus
    disk         = var.disk
    alert_emails = var.alert_emails
    code_digest  = var.code_digest
  }, length(var.tags) == 0 ? {} : { tags = var.tags })

  depends_on = [
    aws_batch_job_queue.pool,
    aws_cloudwatch_dashboard.environment,
    aws_cloudwatch_event_target.alerts,
    aws_default_security_group.closed,
    aws_flow_log.training,
    aws_iam_role_policy_attachment.instance,
    aws_route.private,
    aws_route_table_association.private,
    aws_sns_topic_policy.alerts,
    aws_sns_topic_subscription.email,
    aws_vpc_endpoint.s3,
    aws_vpc_security_group_egress_rule.training,
  ]
}

output "spec" {
  description = "What this stack was last applied with, whole: an apply that failed leaves the one before."
  value       = terraform_data.applied.output
}
