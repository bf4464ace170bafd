# A VPC of our own: only when there is a cidr.

# Zones that every account has: local and wavelength zones have to be opted into.
data "aws_availability_zones" "usable" {
  count = local.own_network ? 1 : 0

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
  usable = local.own_network ? sort(data.aws_availability_zones.usable[0].names) : []
  zones  = slice(local.usable, 0, min(var.zones, length(local.usable)))

  # Three quarters of the addresses are for jobs, one for each zone; the public subnet holds the NAT gateway alone.
  private_cidrs = { for index, zone in local.zones : zone => cidrsubnet(var.cidr, 2, index) }
  public_cidr   = local.own_network ? cidrsubnet(var.cidr, 5, 24) : ""
}

resource "aws_vpc" "training" {
  count = local.own_network ? 1 : 0

  cidr_block           = var.cidr
  enable_dns_support   = true
  enable_dns_hostnames = true

  tags = {
    Name = "${local.prefix}-training"
  }
}

# Closed: whatever forgets to name its security group reaches nothing.
resource "aws_default_security_group" "closed" {
  count = local.own_network ? 1 : 0

  vpc_id = aws_vpc.training[0].id

  tags = {
    Name = "${local.prefix}-training-closed"
  }
}

resource "aws_subnet" "public" {
  count = local.own_network ? 1 : 0

  vpc_id            = aws_vpc.training[0].id
  availability_zone = local.zones[0]
  cidr_block        = local.public_cidr

  tags = {
    Name = "${local.prefix}-training-public"
  }
}

resource "aws_subnet" "private" {
  for_each = local.private_cidrs

  vpc_id            = aws_vpc.training[0].id
  availability_zone = each.key
  cidr_block        = each.value

  tags = {
    Name = "${local.prefix}-training-${each.key}"
  }
}
