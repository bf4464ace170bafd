locals {
  zone = "${local.prefix}.internal"

  # A host elsewhere is in a zone that is somebody else's.
  own_zone = endswith(var.host, ".${local.zone}")
}

resource "aws_route53_zone" "private" {
  count = local.own_zone ? 1 : 0

  name    = local.zone
  comment = "Names inside the VPC of ${local.name}"

  vpc {
    vpc_id = aws_vpc.mlflow.id
  }
}

resource "aws_route53_record" "mlflow" {
  count = local.own_zone ? 1 : 0

  zone_id = aws_route53_zone.private[0].zone_id
  name    = var.host
  type    = "A"

  alias {
    name                   = aws_lb.mlflow.dns_name
    zone_id                = aws_lb.mlflow.zone_id
    evaluate_target_health = false
  }
}
