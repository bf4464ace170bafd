# What this stack was last applied with. An output made of variables alone is stored even when the apply fails: half a
# stack would pass for a whole one. A resource that waits for all others is not.
resource "terraform_data" "applied" {
  input = merge({
    cidr                = var.cidr
    zones               = var.zones
    cpu                 = var.cpu
    memory              = var.memory
    min_tasks           = var.min_tasks
    max_tasks           = var.max_tasks
    image               = var.image
    database            = var.database
    host                = var.host
    certificate_arn     = var.certificate_arn
    vpn                 = var.vpn
    deletion_protection = var.deletion_protection
    code_digest         = var.code_digest
  }, length(var.tags) == 0 ? {} : { tags = var.tags })

  depends_on = [
    aws_appautoscaling_policy.cpu,
    aws_default_security_group.closed,
    aws_ec2_client_vpn_authorization_rule.vpc,
    aws_ec2_client_vpn_network_association.mlflow,
    aws_ecr_lifecycle_policy.server,
    aws_ecs_service.mlflow,
    aws_flow_log.mlflow,
    aws_lb_listener.http,
    aws_lb_listener.https,
    aws_route.private,
    aws_route.public,
    aws_route53_record.mlflow,
    aws_route_table_association.database,
    aws_route_table_association.private,
    aws_s3_bucket_lifecycle_configuration.artifacts,
    aws_s3_bucket_ownership_controls.artifacts,
    aws_s3_bucket_policy.artifacts,
    aws_s3_bucket_server_side_encryption_configuration.artifacts,
    aws_vpc_endpoint.s3,
    aws_vpc_security_group_egress_rule.load_balancer,
    aws_vpc_security_group_egress_rule.vpn,
    aws_vpc_security_group_ingress_rule.load_balancer,
  ]
}

output "spec" {
  description = "What this stack was last applied with, whole: an apply that failed leaves the one before."
  value       = terraform_data.applied.output
}
