locals {
  # Seconds that a connection may be silent: an upload is silent while the server passes it on to the bucket. The
  # server closes later than the load balancer, which would otherwise send requests into closed connections.
  idle_seconds = 900

  tracking_uri = "${local.secure ? "https" : "http"}://${var.host}"
}

resource "aws_lb" "mlflow" {
  name                       = local.name
  load_balancer_type         = "application"
  internal                   = true
  subnets                    = local.private_subnet_ids
  security_groups            = [aws_security_group.load_balancer.id]
  idle_timeout               = local.idle_seconds
  drop_invalid_header_fields = true
}

resource "aws_lb_target_group" "mlflow" {
  name                 = local.name
  vpc_id               = aws_vpc.mlflow.id
  target_type          = "ip"
  protocol             = "HTTP"
  port                 = local.port
  deregistration_delay = 120

  # The check names the target's address as the host: MLflow answers this path whatever the host.
  health_check {
    path                = "/health"
    matcher             = "200"
    interval            = 15
    timeout             = 10
    healthy_threshold   = 2
    unhealthy_threshold = 4
  }
}

resource "aws_lb_listener" "http" {
  load_balancer_arn = aws_lb.mlflow.arn
  protocol          = "HTTP"
  port              = 80

  default_action {
    type             = local.secure ? "redirect" : "forward"
    target_group_arn = local.secure ? null : aws_lb_target_group.mlflow.arn

    dynamic "redirect" {
      for_each = local.secure ? ["https"] : []

      content {
        protocol    = "HTTPS"
        port        = "443"
        status_code = "HTTP_301"
      }
    }
  }
}

resource "aws_lb_listener" "https" {
  count = local.secure ? 1 : 0

  load_balancer_arn = aws_lb.mlflow.arn
  protocol          = "HTTPS"
  port              = 443
  certificate_arn   = var.certificate_arn
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.mlflow.arn
  }
}
