mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  platform    = "acme"
  environment = "prod"
  host        = "mlflow.acme-prod.internal"
  code_digest = "c0de"
}

run "only_public_subnets_lead_to_the_internet_and_the_database_leads_nowhere" {
  assert {
    condition = (
      aws_route.public.gateway_id == aws_internet_gateway.mlflow.id
      && aws_route.public.route_table_id == aws_route_table.public.id
      && aws_route.private.nat_gateway_id == aws_nat_gateway.mlflow.id
      && aws_route.private.route_table_id == aws_route_table.private.id
    )
    error_message = "A route leads elsewhere."
  }

  assert {
    condition = alltrue([
      for association in aws_route_table_association.database : association.route_table_id == aws_route_table.database.id
    ]) && !contains([aws_route.public.route_table_id, aws_route.private.route_table_id], aws_route_table.database.id)
    error_message = "The database's subnets have a way out."
  }

  assert {
    condition     = aws_vpc_endpoint.s3.route_table_ids == toset([aws_route_table.private.id])
    error_message = "Artifacts go through the NAT gateway."
  }
}

run "the_vpn_lets_in_holders_of_a_certificate_and_into_the_vpc_alone" {
  variables {
    vpn = {
      client_cidr            = "10.31.0.0/22"
      server_certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/server"
      authority_arn          = "arn:aws:acm:eu-west-1:123456789012:certificate/authority"
    }
  }

  assert {
    condition = (
      one(aws_ec2_client_vpn_endpoint.mlflow[0].authentication_options).type == "certificate-authentication"
      && one(aws_ec2_client_vpn_endpoint.mlflow[0].authentication_options).root_certificate_chain_arn == "arn:aws:acm:eu-west-1:123456789012:certificate/authority"
      && aws_ec2_client_vpn_endpoint.mlflow[0].server_certificate_arn == "arn:aws:acm:eu-west-1:123456789012:certificate/server"
      && aws_ec2_client_vpn_endpoint.mlflow[0].client_cidr_block == "10.31.0.0/22"
    )
    error_message = "Not the VPN that was asked for."
  }

  assert {
    condition     = aws_ec2_client_vpn_endpoint.mlflow[0].split_tunnel && aws_ec2_client_vpn_endpoint.mlflow[0].dns_servers == tolist(["10.30.0.2"])
    error_message = "All of a client's traffic comes through, or it cannot resolve the server's name."
  }

  assert {
    condition = (
      aws_ec2_client_vpn_authorization_rule.vpc[0].target_network_cidr == "10.30.0.0/16"
      && keys(aws_ec2_client_vpn_network_association.mlflow) == ["eu-west-1a", "eu-west-1b"]
      && one(aws_ec2_client_vpn_endpoint.mlflow[0].connection_log_options).enabled
      && output.vpn_endpoint_id == aws_ec2_client_vpn_endpoint.mlflow[0].id
    )
    error_message = "Clients get nowhere, or unseen, or further than the VPC."
  }
}

run "spec_gives_the_variables_back" {
  variables {
    image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/acme-prod/mlflow-server:0123456789ab"
  }

  assert {
    condition = jsonencode(output.spec) == jsonencode({
      certificate_arn     = ""
      cidr                = "10.30.0.0/16"
      code_digest         = "c0de"
      cpu                 = 1024
      database            = { engine = "mysql", instance_class = "db.t4g.micro", multi_az = false, storage = 20 }
      deletion_protection = true
      host                = "mlflow.acme-prod.internal"
      image               = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/acme-prod/mlflow-server:0123456789ab"
      max_tasks           = 2
      memory              = 4096
      min_tasks           = 1
      vpn                 = { authority_arn = "", client_cidr = "", server_certificate_arn = "" }
      zones               = 2
    })
    error_message = "The output `spec` is not what was applied."
  }
}
