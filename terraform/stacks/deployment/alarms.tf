# Firing during a rollout, it rolls the release back.
resource "aws_cloudwatch_metric_alarm" "errors_5xx" {
  alarm_name        = "${local.name}-5xx"
  alarm_description = "${local.name} answers with server errors"

  namespace   = "AWS/SageMaker"
  metric_name = "Invocation5XXErrors"
  dimensions  = { EndpointName = local.name, VariantName = "AllTraffic" }

  statistic           = "Sum"
  period              = 60
  evaluation_periods  = 1
  threshold           = 5
  comparison_operator = "GreaterThanOrEqualToThreshold"

  # No request is no error: an alarm without data would stop every rollout.
  treat_missing_data = "notBreaching"
}
