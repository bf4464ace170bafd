# Ways out of our own VPC; there is none in.

resource "aws_internet_gateway" "training" {
  count = local.own_network ? 1 : 0

  vpc_id = aws_vpc.training[0].id

  tags = {
    Name = "${local.prefix}-training"
  }
}

resource "aws_eip" "nat" {
  count = local.own_network ? 1 : 0

  domain = "vpc"

  tags = {
    Name = "${local.prefix}-training-nat"
  }

  depends_on = [aws_internet_gateway.training]

  # With other addresses a new VPC stands beside the old one until the pools have moved: so do two NAT gateways, and an
  # address belongs to one of them.
  lifecycle {
    replace_triggered_by = [aws_vpc.training[count.index].cidr_block]
  }
}

# One for all zones: each costs as much as the rest of a small environment, and jobs are tried again.
resource "aws_nat_gateway" "training" {
  count = local.own_network ? 1 : 0

  allocation_id = aws_eip.nat[0].id
  subnet_id     = aws_subnet.public[0].id

  tags = {
    Name = "${local.prefix}-training"
  }

  depends_on = [aws_route.public, aws_route_table_association.public]
}

resource "aws_route_table" "public" {
  count = local.own_network ? 1 : 0

  vpc_id = aws_vpc.training[0].id

  tags = {
    Name = "${local.prefix}-training-public"
  }
}

resource "aws_route" "public" {
  count = local.own_network ? 1 : 0

  route_table_id         = aws_route_table.public[0].id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.training[0].id
}

resource "aws_route_table_association" "public" {
  count = local.own_network ? 1 : 0

  subnet_id      = aws_subnet.public[0].id
  route_table_id = aws_route_table.public[0].id
}

resource "aws_route_table" "private" {
  count = local.own_network ? 1 : 0

  vpc_id = aws_vpc.training[0].id

  tags = {
    Name = "${local.prefix}-training-private"
  }
}

resource "aws_route" "private" {
  count = local.own_network ? 1 : 0

  route_table_id         = aws_route_table.private[0].id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.training[0].id
}

resource "aws_route_table_association" "private" {
  for_each = aws_subnet.private

  subnet_id      = each.value.id
  route_table_id = aws_route_table.private[0].id
}

# Artifacts and image layers do not go through the NAT gateway, which is paid for by the gigabyte.
resource "aws_vpc_endpoint" "s3" {
  count = local.own_network ? 1 : 0

  vpc_id            = aws_vpc.training[0].id
  service_name      = "com.amazonaws.${local.region}.s3"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = [aws_route_table.private[0].id]

  tags = {
    Name = "${local.prefix}-training-s3"
  }
}
