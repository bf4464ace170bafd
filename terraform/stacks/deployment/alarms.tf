locals {
  dimensions = { EndpointName = local.name, VariantName = local.variant }
  told       = var.alerts_topic == "" ? [] : [var.alerts_topic]

  # Firing during a rollout, these roll the release back.
  rollback_alarms = concat(
    [aws_cloudwatch_metric_alarm.errors_5xx.alarm_name],
    aws_cloudwatch_metric_alarm.latency_p99[*].alarm_name,
  )

  # Of this update alone: the next one has them again.
  heeded_alarms = [for name in local.rollback_alarms : name if !contains(var.ignored_alarms, name)]
}

# SageMaker sends a 1 for every request that failed and a 0 for every other one, so the average is the share of failures;
# for async endpoints too, which count no Invocations.
resource "aws_cloudwatch_metric_alarm" "errors_5xx" {
  alarm_name        = "${local.name}-5xx"
  alarm_description = "${local.name} answers more than ${var.alarms.errors_5xx}% of its requests with server errors"

  metric_query {
    id          = "percent"
    expression  = "100 * errors"
    label       = "Server errors (%)"
    return_data = true
  }

  metric_query {
    id = "errors"

    metric {
      namespace   = "AWS/SageMaker"
      metric_name = "Invocation5XXErrors"
      dimensions  = local.dimensions
      stat        = "Average"
      period      = 60
    }
  }

  evaluation_periods  = 1
  threshold           = var.alarms.errors_5xx
  comparison_operator = "GreaterThanThreshold"

  # No request is no error: an alarm without data would stop every rollout.
  treat_missing_data = "notBreaching"
  alarm_actions      = local.told
  ok_actions         = local.told
}

resource "aws_cloudwatch_metric_alarm" "errors_4xx" {
  count = var.alarms.errors_4xx > 0 ? 1 : 0

  alarm_name        = "${local.name}-4xx"
  alarm_description = "${local.name} refuses more than ${var.alarms.errors_4xx}% of its requests: its clients send what the model does not take"

  metric_query {
    id          = "percent"
    expression  = "100 * errors"
    label       = "Client errors (%)"
    return_data = true
  }

  metric_query {
    id = "errors"

    metric {
      namespace   = "AWS/SageMaker"
      metric_name = "Invocation4XXErrors"
      dimensions  = local.dimensions
      stat        = "Average"
      period      = 300
    }
  }

  evaluation_periods  = 1
  threshold           = var.alarms.errors_4xx
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.told
  ok_actions          = local.told
}

resource "aws_cloudwatch_metric_alarm" "latency_p99" {
  count = var.alarms.latency_p99 > 0 ? 1 : 0

  alarm_name        = "${local.name}-latency"
  alarm_description = "1% of the requests take the model of ${local.name} more than ${var.alarms.latency_p99} ms"

  namespace          = "AWS/SageMaker"
  metric_name        = "ModelLatency"
  dimensions         = local.dimensions
  extended_statistic = "p99"
  period             = 60

  # The first requests of a new model are often slow ones.
  evaluation_periods  = 3
  datapoints_to_alarm = 2

  # SageMaker counts in microseconds.
  threshold           = var.alarms.latency_p99 * 1000
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.told
  ok_actions          = local.told

  # The endpoint forgets it first.
  lifecycle {
    create_before_destroy = true
  }
}

# What rolls an update back that goes without every alarm of the endpoint: nothing, for no share is more than all.
resource "aws_cloudwatch_metric_alarm" "never" {
  count = length(local.heeded_alarms) > 0 ? 0 : 1

  alarm_name        = "${local.name}-never"
  alarm_description = "Never fires: the last update of ${local.name} went without its alarms, which fired before it began"

  namespace           = "AWS/SageMaker"
  metric_name         = "Invocation5XXErrors"
  dimensions          = local.dimensions
  statistic           = "Average"
  period              = 60
  evaluation_periods  = 1
  threshold           = 1
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"

  # The endpoint forgets it first.
  lifecycle {
    create_before_destroy = true
  }
}
