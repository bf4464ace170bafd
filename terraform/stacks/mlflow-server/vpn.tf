# The way in for people: mutual TLS, and only what is meant for the VPC goes through the tunnel.

resource "aws_cloudwatch_log_group" "vpn" {
  count = local.vpn ? 1 : 0

  name              = "/${var.platform}/${var.environment}/mlflow/vpn"
  retention_in_days = var.log_retention_days
}

resource "aws_cloudwatch_log_stream" "vpn" {
  count = local.vpn ? 1 : 0

  name           = "connections"
  log_group_name = aws_cloudwatch_log_group.vpn[0].name
}

resource "aws_security_group" "vpn" {
  count = local.vpn ? 1 : 0

  name_prefix = "${local.name}-vpn-"
  description = "VPN clients: they reach the load balancer"
  vpc_id      = aws_vpc.mlflow.id

  tags = {
    Name = "${local.name}-vpn"
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_egress_rule" "vpn" {
  for_each = local.vpn ? toset(["80", "443"]) : toset([])

  security_group_id            = aws_security_group.vpn[0].id
  description                  = "The load balancer"
  referenced_security_group_id = aws_security_group.load_balancer.id
  ip_protocol                  = "tcp"
  from_port                    = tonumber(each.key)
  to_port                      = tonumber(each.key)
}

resource "aws_ec2_client_vpn_endpoint" "mlflow" {
  count = local.vpn ? 1 : 0

  description            = local.name
  vpc_id                 = aws_vpc.mlflow.id
  security_group_ids     = [aws_security_group.vpn[0].id]
  client_cidr_block      = var.vpn.client_cidr
  server_certificate_arn = var.vpn.server_certificate_arn
  split_tunnel           = true
  transport_protocol     = "udp"

  # The VPC's own resolver, which knows the private zone.
  dns_servers = [cidrhost(var.cidr, 2)]

  authentication_options {
    type                       = "certificate-authentication"
    root_certificate_chain_arn = var.vpn.authority_arn
  }

  connection_log_options {
    enabled               = true
    cloudwatch_log_group  = aws_cloudwatch_log_group.vpn[0].name
    cloudwatch_log_stream = aws_cloudwatch_log_stream.vpn[0].name
  }

  tags = {
    Name = local.name
  }
}

resource "aws_ec2_client_vpn_network_association" "mlflow" {
  for_each = local.vpn ? aws_subnet.private : {}

  client_vpn_endpoint_id = aws_ec2_client_vpn_endpoint.mlflow[0].id
  subnet_id              = each.value.id
}

# Whoever holds a certificate of the authority: who that is, is decided where certificates are issued.
resource "aws_ec2_client_vpn_authorization_rule" "vpc" {
  count = local.vpn ? 1 : 0

  client_vpn_endpoint_id = aws_ec2_client_vpn_endpoint.mlflow[0].id
  description            = "The VPC"
  target_network_cidr    = var.cidr
  authorize_all_groups   = true
}
