mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  platform    = "acme"
  environment = "prod"
  host        = "mlflow.acme-prod.internal"
}

run "addresses_are_shared_out_over_the_zones_without_overlap" {
  command = plan

  assert {
    condition = { for zone, subnet in aws_subnet.private : zone => subnet.cidr_block } == {
      eu-west-1a = "10.30.0.0/18"
      eu-west-1b = "10.30.64.0/18"
    }
    error_message = "Other private subnets, or other zones than the first."
  }

  assert {
    condition = { for zone, subnet in aws_subnet.public : zone => subnet.cidr_block } == {
      eu-west-1a = "10.30.192.0/21"
      eu-west-1b = "10.30.200.0/21"
    }
    error_message = "Other public subnets."
  }

  assert {
    condition = { for zone, subnet in aws_subnet.database : zone => subnet.cidr_block } == {
      eu-west-1a = "10.30.224.0/21"
      eu-west-1b = "10.30.232.0/21"
    }
    error_message = "Other database subnets."
  }

  assert {
    condition     = aws_vpc.mlflow.enable_dns_hostnames && aws_vpc.mlflow.enable_dns_support
    error_message = "The private zone would not resolve."
  }

  assert {
    condition     = aws_flow_log.mlflow.traffic_type == "ALL" && aws_cloudwatch_log_group.flow.retention_in_days == 90
    error_message = "Traffic is not logged, or for ever."
  }
}

run "the_smallest_network_over_three_zones_still_holds_a_load_balancer" {
  command = plan

  variables {
    cidr  = "10.30.4.0/22"
    zones = 3
  }

  assert {
    condition     = [for subnet in aws_subnet.private : subnet.cidr_block] == ["10.30.4.0/24", "10.30.5.0/24", "10.30.6.0/24"]
    error_message = "Private subnets are a quarter of the network each."
  }

  assert {
    condition     = [for subnet in aws_subnet.database : subnet.cidr_block] == ["10.30.7.128/27", "10.30.7.160/27", "10.30.7.192/27"]
    error_message = "The others are a thirty-second of it."
  }
}

run "a_region_with_fewer_zones_is_refused" {
  command = plan

  variables {
    zones = 3
  }

  override_data {
    target = data.aws_availability_zones.usable
    values = { names = ["eu-west-1a", "eu-west-1b"] }
  }

  expect_failures = [data.aws_availability_zones.usable]
}

run "each_door_opens_to_the_one_before_it_alone" {
  command = plan

  override_resource {
    override_during = plan
    target          = aws_security_group.load_balancer
    values          = { id = "sg-load-balancer" }
  }

  override_resource {
    override_during = plan
    target          = aws_security_group.server
    values          = { id = "sg-server" }
  }

  override_resource {
    override_during = plan
    target          = aws_security_group.database
    values          = { id = "sg-database" }
  }

  assert {
    condition     = [for rule in aws_vpc_security_group_ingress_rule.load_balancer : "${rule.cidr_ipv4} ${rule.from_port}-${rule.to_port}"] == ["10.30.0.0/16 80-80"]
    error_message = "The load balancer lets in somebody else than the VPC."
  }

  assert {
    condition = (
      aws_vpc_security_group_ingress_rule.server.referenced_security_group_id == "sg-load-balancer"
      && aws_vpc_security_group_ingress_rule.server.from_port == 5000
      && aws_vpc_security_group_ingress_rule.server.to_port == 5000
    )
    error_message = "The server lets in somebody else than the load balancer."
  }

  assert {
    condition = (
      aws_vpc_security_group_ingress_rule.database.security_group_id == "sg-database"
      && aws_vpc_security_group_ingress_rule.database.referenced_security_group_id == "sg-server"
      && aws_vpc_security_group_ingress_rule.database.from_port == 3306
      && aws_vpc_security_group_ingress_rule.database.to_port == 3306
    )
    error_message = "The database lets in somebody else than the server."
  }

  assert {
    condition     = length(aws_default_security_group.closed.ingress) == 0 && length(aws_default_security_group.closed.egress) == 0
    error_message = "The default security group lets somebody in or out."
  }
}
