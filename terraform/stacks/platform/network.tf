data "aws_vpc" "training" {
  count = local.own_network ? 0 : 1

  id      = var.vpc_id == "" ? null : var.vpc_id
  default = var.vpc_id == "" ? true : null
}

data "aws_subnets" "training" {
  count = local.own_network ? 0 : 1

  filter {
    name   = "vpc-id"
    values = [data.aws_vpc.training[0].id]
  }

  lifecycle {
    postcondition {
      condition     = length(self.ids) > 0
      error_message = "The VPC ${data.aws_vpc.training[0].id} has no subnet: create one, or name another VPC with vpc_id."
    }

    postcondition {
      condition     = length(setsubtract(var.subnet_ids, self.ids)) == 0
      error_message = "Not in the VPC ${data.aws_vpc.training[0].id}: ${join(", ", setsubtract(var.subnet_ids, self.ids))}."
    }
  }
}

locals {
  own_network = var.cidr != ""
  vpc_id      = local.own_network ? aws_vpc.training[0].id : data.aws_vpc.training[0].id

  all_subnet_ids = local.own_network ? [for subnet in aws_subnet.private : subnet.id] : data.aws_subnets.training[0].ids
  subnet_ids     = sort(length(var.subnet_ids) > 0 ? var.subnet_ids : local.all_subnet_ids)
}

# A group in use cannot be deleted, so another VPC brings another group beside it first: hence no fixed name.
resource "aws_security_group" "training" {
  name_prefix = "${local.prefix}-training-"
  description = "Training jobs: they call out, nobody calls in"
  vpc_id      = local.vpc_id

  tags = {
    Name = "${local.prefix}-training"
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_egress_rule" "training" {
  security_group_id = aws_security_group.training.id
  description       = "Registry, tracking server and data sources, wherever they are"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "-1"
}
