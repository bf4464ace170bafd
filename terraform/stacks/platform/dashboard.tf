# SEARCH finds the endpoints as they come and go, by the words of their names in a row. A metric's name is matched whole.
locals {
  endpoints = "EndpointName=${local.prefix}"
  variants  = "EndpointName,VariantName"

  traffic = { namespace = "AWS/SageMaker", dimensions = local.variants, of = local.endpoints }
  backlog = { namespace = "AWS/SageMaker", dimensions = "EndpointName", of = local.endpoints }
  hosts   = { namespace = "/aws/sagemaker/Endpoints", dimensions = local.variants, of = local.endpoints }

  # SageMaker counts latencies in microseconds. An instance reports its load once a minute, which makes it countable.
  graphs = [
    { title = "Requests", from = local.traffic, metric = "Invocations", statistic = "Sum", divisor = 1, unit = "requests a minute" },
    { title = "Latency of the models, p99", from = local.traffic, metric = "ModelLatency", statistic = "p99", divisor = 1000, unit = "milliseconds" },
    { title = "Server errors (5xx)", from = local.traffic, metric = "Invocation5XXErrors", statistic = "Sum", divisor = 1, unit = "requests a minute" },
    { title = "Client errors (4xx)", from = local.traffic, metric = "Invocation4XXErrors", statistic = "Sum", divisor = 1, unit = "requests a minute" },
    { title = "Instances", from = local.hosts, metric = "CPUUtilization", statistic = "SampleCount", divisor = 1, unit = "instances" },
    { title = "Waiting requests (async)", from = local.backlog, metric = "ApproximateBacklogSize", statistic = "Average", divisor = 1, unit = "requests" },
  ]

  graph_widgets = [
    for index, graph in local.graphs : {
      type   = "metric"
      x      = 12 * (index % 2)
      y      = 6 * floor(index / 2)
      width  = 12
      height = 6
      properties = {
        title  = graph.title
        region = local.region
        view   = "timeSeries"
        period = 60
        yAxis  = { left = { min = 0, label = graph.unit, showUnits = false } }
        metrics = [[{
          expression = join("", [
            "SEARCH('{\"${graph.from.namespace}\",${graph.from.dimensions}} MetricName=\"${graph.metric}\" ${graph.from.of}', '${graph.statistic}', 60)",
            graph.divisor == 1 ? "" : " / ${graph.divisor}",
          ])
        }]]
      }
    }
  ]

  # Batch publishes no metrics of its jobs. The rule that tells of failed ones is counted by EventBridge.
  failed_jobs_widget = {
    type   = "metric"
    x      = 0
    y      = 6 * ceil(length(local.graphs) / 2)
    width  = 24
    height = 6
    properties = {
      title   = "Failed trainings"
      region  = local.region
      view    = "timeSeries"
      stat    = "Sum"
      period  = 3600
      yAxis   = { left = { min = 0, label = "jobs an hour", showUnits = false } }
      metrics = [["AWS/Events", "TriggeredRules", "RuleName", aws_cloudwatch_event_rule.failed_jobs.name, { label = "failed" }]]
    }
  }
}

resource "aws_cloudwatch_dashboard" "environment" {
  dashboard_name = local.prefix
  dashboard_body = jsonencode({ widgets = concat(local.graph_widgets, [local.failed_jobs_widget]) })
}
