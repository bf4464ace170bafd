# Every instance reports its use of the CPU once a minute, requests or not: no report, no instance. The alarm comes after
# the endpoint, which is in service by then, and gives an instance that is replaced a quarter of an hour.
resource "aws_cloudwatch_metric_alarm" "no_instance" {
  count = local.kind == "realtime" ? 1 : 0

  alarm_name        = "${local.name}-no-instance"
  alarm_description = "No instance of ${local.name} has reported for 15 minutes"

  namespace   = "/aws/sagemaker/Endpoints"
  metric_name = "CPUUtilization"
  dimensions  = local.dimensions

  statistic           = "SampleCount"
  period              = 300
  evaluation_periods  = 3
  threshold           = 1
  comparison_operator = "LessThanThreshold"
  treat_missing_data  = "breaching"
  alarm_actions       = local.told
  ok_actions          = local.told

  depends_on = [aws_sagemaker_endpoint.live]
}

# The only sign of throttling that SageMaker publishes, and for serverless endpoints alone: at 1, all of the concurrency
# is in use, and whatever comes more is refused.
resource "aws_cloudwatch_metric_alarm" "throttled" {
  count = local.kind == "serverless" ? 1 : 0

  alarm_name        = "${local.name}-throttled"
  alarm_description = "${local.name} has used all of its concurrency for 3 minutes: requests are refused"

  namespace   = "AWS/SageMaker"
  metric_name = "ServerlessConcurrentExecutionsUtilization"
  dimensions  = local.dimensions

  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 3
  threshold           = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.told
  ok_actions          = local.told
}

# An hour is the longest that SageMaker lets one async request be worked on.
resource "aws_cloudwatch_metric_alarm" "backlog" {
  count = local.kind == "async" ? 1 : 0

  alarm_name        = "${local.name}-backlog"
  alarm_description = "A request has waited for ${local.name} for more than an hour"

  namespace   = "AWS/SageMaker"
  metric_name = "ApproximateAgeOfOldestRequest"
  dimensions  = { EndpointName = local.name }

  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 3600
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.told
  ok_actions          = local.told
}
