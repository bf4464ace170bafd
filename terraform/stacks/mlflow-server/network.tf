# Zones that every account has: local and wavelength zones have to be opted into.
data "aws_availability_zones" "usable" {
  state = "available"

  filter {
    name   = "opt-in-status"
    values = ["opt-in-not-required"]
  }

  lifecycle {
    postcondition {
      condition     = length(self.names) >= var.zones
      error_message = "The region has ${length(self.names)} availability zones: ask for no more with zones."
    }
  }
}

locals {
  zones = slice(sort(data.aws_availability_zones.usable.names), 0, min(var.zones, length(data.aws_availability_zones.usable.names)))

  # Three quarters of the addresses are for tasks and training jobs, one for each zone; the rest for everything else.
  private_cidrs  = { for index, zone in local.zones : zone => cidrsubnet(var.cidr, 2, index) }
  public_cidrs   = { for index, zone in local.zones : zone => cidrsubnet(var.cidr, 5, 24 + index) }
  database_cidrs = { for index, zone in local.zones : zone => cidrsubnet(var.cidr, 5, 28 + index) }

  private_subnet_ids = sort([for subnet in aws_subnet.private : subnet.id])
}

resource "aws_vpc" "mlflow" {
  cidr_block           = var.cidr
  enable_dns_support   = true
  enable_dns_hostnames = true

  tags = {
    Name = local.name
  }
}

# Closed: whatever forgets to name its security group reaches nothing.
resource "aws_default_security_group" "closed" {
  vpc_id  = aws_vpc.mlflow.id
  ingress = []
  egress  = []

  tags = {
    Name = "${local.name}-closed"
  }
}

resource "aws_subnet" "public" {
  for_each = local.public_cidrs

  vpc_id            = aws_vpc.mlflow.id
  availability_zone = each.key
  cidr_block        = each.value

  tags = {
    Name = "${local.name}-public-${each.key}"
  }
}

resource "aws_subnet" "private" {
  for_each = local.private_cidrs

  vpc_id            = aws_vpc.mlflow.id
  availability_zone = each.key
  cidr_block        = each.value

  tags = {
    Name = "${local.name}-private-${each.key}"
  }
}

resource "aws_subnet" "database" {
  for_each = local.database_cidrs

  vpc_id            = aws_vpc.mlflow.id
  availability_zone = each.key
  cidr_block        = each.value

  tags = {
    Name = "${local.name}-database-${each.key}"
  }
}
