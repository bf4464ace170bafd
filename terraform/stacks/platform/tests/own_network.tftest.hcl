mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  platform    = "acme"
  environment = "prod"
  cidr        = "10.20.0.0/16"
}

run "jobs_run_in_private_subnets_one_in_each_zone" {
  variables {
    zones = 3
  }

  assert {
    condition = { for zone, subnet in aws_subnet.private : zone => subnet.cidr_block } == {
      eu-west-1a = "10.20.0.0/18"
      eu-west-1b = "10.20.64.0/18"
      eu-west-1c = "10.20.128.0/18"
    }
    error_message = "The zones have other addresses."
  }

  assert {
    condition     = alltrue([for subnet in concat(values(aws_subnet.private), aws_subnet.public) : coalesce(subnet.map_public_ip_on_launch, false) == false])
    error_message = "What starts in a subnet gets a public address."
  }

  assert {
    condition = alltrue([
      for environment in merge(aws_batch_compute_environment.serverless, aws_batch_compute_environment.instances) :
      environment.compute_resources[0].subnets == toset([for subnet in aws_subnet.private : subnet.id])
    ])
    error_message = "A pool is not in the private subnets."
  }

  assert {
    condition     = aws_security_group.training.vpc_id == aws_vpc.training[0].id && output.network.vpc_id == aws_vpc.training[0].id
    error_message = "The jobs' security group is in another VPC."
  }
}

run "two_zones_are_enough" {
  assert {
    condition     = keys(aws_subnet.private) == ["eu-west-1a", "eu-west-1b"]
    error_message = "Not the first two zones."
  }
}

run "the_smallest_network_still_holds_its_nat_gateway" {
  variables {
    cidr  = "10.20.4.0/22"
    zones = 3
  }

  assert {
    condition     = aws_subnet.public[0].cidr_block == "10.20.7.0/27" && aws_subnet.private["eu-west-1c"].cidr_block == "10.20.6.0/24"
    error_message = "The subnets overlap, or are smaller than AWS takes."
  }
}

run "private_subnets_reach_the_outside_through_the_nat_gateway" {
  assert {
    condition     = aws_route.private[0].nat_gateway_id == aws_nat_gateway.training[0].id && aws_route.private[0].destination_cidr_block == "0.0.0.0/0"
    error_message = "Jobs could pull no image."
  }

  assert {
    condition     = length(aws_route_table_association.private) == 2 && alltrue([for each in aws_route_table_association.private : each.route_table_id == aws_route_table.private[0].id])
    error_message = "A zone has no way out."
  }

  assert {
    condition     = aws_route.public[0].gateway_id == aws_internet_gateway.training[0].id && aws_nat_gateway.training[0].subnet_id == aws_subnet.public[0].id
    error_message = "The NAT gateway has no way out."
  }

  assert {
    condition     = aws_vpc_endpoint.s3[0].service_name == "com.amazonaws.eu-west-1.s3" && aws_vpc_endpoint.s3[0].route_table_ids == toset([aws_route_table.private[0].id])
    error_message = "Image layers would be paid for by the gigabyte."
  }
}

run "nothing_calls_in" {
  assert {
    condition     = length(aws_default_security_group.closed[0].ingress) + length(aws_default_security_group.closed[0].egress) + length(aws_security_group.training.ingress) == 0
    error_message = "A security group lets somebody in."
  }
}

run "more_zones_than_the_region_has_are_refused" {
  command = plan

  override_data {
    target = data.aws_availability_zones.usable
    values = { names = ["eu-west-1a"] }
  }

  expect_failures = [data.aws_availability_zones.usable]
}

run "all_traffic_is_logged_by_a_role_that_may_do_nothing_else" {
  assert {
    condition     = aws_flow_log.training[0].traffic_type == "ALL" && aws_flow_log.training[0].vpc_id == aws_vpc.training[0].id
    error_message = "Some traffic leaves no trace."
  }

  assert {
    condition = toset(flatten([for statement in jsondecode(aws_iam_role_policy.flow[0].policy).Statement : statement.Resource])) == toset([
      "arn:aws:logs:eu-west-1:123456789012:log-group:/acme/prod/training/flow",
      "arn:aws:logs:eu-west-1:123456789012:log-group:/acme/prod/training/flow:*",
      "*",
    ])
    error_message = "The flow logs' role reaches further."
  }
}
