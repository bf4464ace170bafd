mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  platform    = "acme"
  environment = "prod"
  host        = "mlflow.acme-prod.internal"
}

run "the_load_balancer_is_inside_and_asks_for_the_servers_health" {
  command = plan

  assert {
    condition     = aws_lb.mlflow.internal && aws_lb.mlflow.name == "acme-prod-mlflow" && aws_lb.mlflow.drop_invalid_header_fields
    error_message = "The server is on the internet, or has another name."
  }

  assert {
    condition     = aws_lb_target_group.mlflow.health_check[0].path == "/health" && aws_lb_target_group.mlflow.target_type == "ip"
    error_message = "Other paths answer known hosts alone: the check is not one."
  }
}

run "without_a_certificate_http_is_served_inside_the_vpc" {
  command = plan

  assert {
    condition     = aws_lb_listener.http.default_action[0].type == "forward" && length(aws_lb_listener.https) == 0
    error_message = "There is nobody to answer."
  }

  assert {
    condition     = output.tracking_uri == "http://mlflow.acme-prod.internal"
    error_message = "Clients would be sent elsewhere."
  }
}

run "with_a_certificate_everything_is_served_encrypted" {
  command = plan

  variables {
    host            = "mlflow.acme.io"
    certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/1"
  }

  assert {
    condition     = aws_lb_listener.http.default_action[0].type == "redirect" && aws_lb_listener.http.default_action[0].redirect[0].protocol == "HTTPS"
    error_message = "Plain HTTP is answered."
  }

  assert {
    condition = (
      aws_lb_listener.https[0].certificate_arn == "arn:aws:acm:eu-west-1:123456789012:certificate/1"
      && startswith(aws_lb_listener.https[0].ssl_policy, "ELBSecurityPolicy-TLS13-1-2-")
      && keys(aws_vpc_security_group_ingress_rule.load_balancer) == ["443", "80"]
    )
    error_message = "Encrypted with something old, or behind a closed door."
  }

  assert {
    condition     = output.tracking_uri == "https://mlflow.acme.io"
    error_message = "Clients would be sent elsewhere."
  }
}

run "a_name_of_ours_has_a_zone_of_ours" {
  command = plan

  assert {
    condition     = aws_route53_zone.private[0].name == "acme-prod.internal" && one(aws_route53_zone.private[0].vpc).vpc_id == "vpc-mlflow"
    error_message = "The name is resolved nowhere, or everywhere."
  }

  assert {
    condition     = aws_route53_record.mlflow[0].name == "mlflow.acme-prod.internal" && one(aws_route53_record.mlflow[0].alias).name == aws_lb.mlflow.dns_name
    error_message = "The name leads elsewhere."
  }
}

run "a_name_elsewhere_is_left_to_its_owner" {
  command = plan

  variables {
    host = "mlflow.other-acme-prod.internal"
  }

  assert {
    condition     = length(aws_route53_zone.private) == 0 && length(aws_route53_record.mlflow) == 0
    error_message = "A zone that is somebody else's."
  }

  assert {
    condition     = output.load_balancer == "internal-acme-prod-mlflow.eu-west-1.elb.amazonaws.com"
    error_message = "Its owner is not told where to point it."
  }
}

run "without_a_vpn_there_is_none" {
  command = plan

  assert {
    condition = (
      length(aws_ec2_client_vpn_endpoint.mlflow) == 0
      && length(aws_ec2_client_vpn_network_association.mlflow) == 0
      && length(aws_security_group.vpn) == 0
      && output.vpn_endpoint_id == ""
    )
    error_message = "A VPN is paid for that nobody asked for."
  }
}
