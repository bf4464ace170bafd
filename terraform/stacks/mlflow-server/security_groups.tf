# Groups in use cannot be deleted: should one have to be replaced, its successor comes first, hence no fixed names.

resource "aws_security_group" "load_balancer" {
  name_prefix = "${local.name}-lb-"
  description = "Load balancer: the VPC and its VPN call in, it calls the server"
  vpc_id      = aws_vpc.mlflow.id

  tags = {
    Name = "${local.name}-lb"
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_security_group" "server" {
  name_prefix = "${local.name}-server-"
  description = "MLflow server: the load balancer calls in, it calls the database and AWS"
  vpc_id      = aws_vpc.mlflow.id

  tags = {
    Name = "${local.name}-server"
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_security_group" "database" {
  name_prefix = "${local.name}-database-"
  description = "Database: the server calls in, it calls nobody"
  vpc_id      = aws_vpc.mlflow.id

  tags = {
    Name = "${local.name}-database"
  }

  lifecycle {
    create_before_destroy = true
  }
}

# Port 80 sends on to 443 where there is a certificate. VPN clients arrive with an address of the VPC: the one where
# their tunnel ends.
resource "aws_vpc_security_group_ingress_rule" "load_balancer" {
  for_each = toset(local.secure ? ["80", "443"] : ["80"])

  security_group_id = aws_security_group.load_balancer.id
  description       = "The VPC and its VPN"
  cidr_ipv4         = var.cidr
  ip_protocol       = "tcp"
  from_port         = tonumber(each.key)
  to_port           = tonumber(each.key)
}

resource "aws_vpc_security_group_egress_rule" "load_balancer" {
  security_group_id            = aws_security_group.load_balancer.id
  description                  = "The server"
  referenced_security_group_id = aws_security_group.server.id
  ip_protocol                  = "tcp"
  from_port                    = local.port
  to_port                      = local.port
}

resource "aws_vpc_security_group_ingress_rule" "server" {
  security_group_id            = aws_security_group.server.id
  description                  = "The load balancer"
  referenced_security_group_id = aws_security_group.load_balancer.id
  ip_protocol                  = "tcp"
  from_port                    = local.port
  to_port                      = local.port
}

resource "aws_vpc_security_group_egress_rule" "server_to_aws" {
  security_group_id = aws_security_group.server.id
  description       = "Registry, artifacts, secret and logs: AWS publishes no fixed addresses for them"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_vpc_security_group_egress_rule" "server_to_database" {
  security_group_id            = aws_security_group.server.id
  description                  = "The database"
  referenced_security_group_id = aws_security_group.database.id
  ip_protocol                  = "tcp"
  from_port                    = local.engine.port
  to_port                      = local.engine.port
}

resource "aws_vpc_security_group_ingress_rule" "database" {
  security_group_id            = aws_security_group.database.id
  description                  = "The server"
  referenced_security_group_id = aws_security_group.server.id
  ip_protocol                  = "tcp"
  from_port                    = local.engine.port
  to_port                      = local.engine.port
}
