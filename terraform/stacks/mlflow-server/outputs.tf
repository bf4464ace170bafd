output "repository_url" {
  description = "ECR repository of the server's image."
  value       = aws_ecr_repository.server.repository_url
}

output "network" {
  description = "The VPC and its private subnets, which training jobs share."
  value = {
    vpc_id     = aws_vpc.mlflow.id
    subnet_ids = local.private_subnet_ids
  }
}

output "artifact_bucket" {
  description = "S3 bucket of the artifacts."
  value       = aws_s3_bucket.artifacts.id
}

output "tracking_uri" {
  description = "Address that clients use."
  value       = local.tracking_uri
}

output "load_balancer" {
  description = "DNS name of the load balancer: what a host in a zone of yours has to point at."
  value       = aws_lb.mlflow.dns_name
}

output "vpn_endpoint_id" {
  description = "Client VPN endpoint; empty without a VPN."
  value       = local.vpn ? aws_ec2_client_vpn_endpoint.mlflow[0].id : ""
}
