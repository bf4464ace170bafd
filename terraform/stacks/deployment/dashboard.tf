# One page on which a person sees how the model does. CloudWatch places the widgets one after another, 24 columns wide.
resource "aws_cloudwatch_dashboard" "live" {
  count = var.live == "" ? 0 : 1

  dashboard_name = local.name
  dashboard_body = jsonencode({ widgets = concat(local.head_widgets, local.graph_widgets, local.tail_widgets) })
}

locals {
  invocation = ["EndpointName", local.name, "VariantName", local.variant]
  backlog    = ["EndpointName", local.name]
  instances  = local.kind != "serverless"

  alarm_arns = concat(
    [aws_cloudwatch_metric_alarm.errors_5xx.arn],
    aws_cloudwatch_metric_alarm.errors_4xx[*].arn,
    aws_cloudwatch_metric_alarm.latency_p99[*].arn,
    aws_cloudwatch_metric_alarm.no_instance[*].arn,
    aws_cloudwatch_metric_alarm.throttled[*].arn,
    aws_cloudwatch_metric_alarm.backlog[*].arn,
  )

  model_text = join("\n", concat(
    ["## Version ${try(local.live.version, 0)}", "Logged when it was trained:", "", "| metric | value |", "|---|---|"],
    [for metric, value in var.metrics : "| ${replace(metric, "|", "\\|")} | ${value} |"],
  ))

  data_text = join("\n", [
    "## Data",
    try(local.live.capture, 0) == 0 ? "No requests are captured." : "${local.live.capture}% of the requests are captured in `s3://${local.bucket}/capture`.",
    "",
    "Metrics of the data belong into the namespace `reconciler/data`, dimension `EndpointName`; nothing writes them yet.",
  ])

  head_widgets = [
    { type = "alarm", width = 24, height = 2, properties = { title = "Alarms", alarms = local.alarm_arns } },
    { type = "text", width = 8, height = 6, properties = { markdown = local.model_text } },
  ]

  # Each graph's lines are CloudWatch's own notation: a metric, or an expression over metrics that stay hidden.
  graphs = [for graph in [
    {
      title = "Requests"
      shown = contains(["realtime", "serverless"], local.kind)
      lines = [["AWS/SageMaker", "Invocations", local.invocation, { stat = "Sum" }]]
    },
    {
      title = "Requests"
      shown = local.kind == "async"
      lines = [
        ["AWS/SageMaker", "ModelLatency", local.invocation, { stat = "SampleCount", label = "Worked off" }],
        ["AWS/SageMaker", "ApproximateBacklogSize", local.backlog, { stat = "Maximum", label = "Waiting" }],
      ]
    },
    {
      title = "Errors (% of the requests)"
      shown = true
      lines = [
        [{ expression = "100 * server", label = "5xx", id = "server_percent" }],
        [{ expression = "100 * client", label = "4xx", id = "client_percent" }],
        ["AWS/SageMaker", "Invocation5XXErrors", local.invocation, { stat = "Average", id = "server", visible = false }],
        ["AWS/SageMaker", "Invocation4XXErrors", local.invocation, { stat = "Average", id = "client", visible = false }],
      ]
    },
    {
      title = "Latency (ms)"
      shown = true
      lines = concat(
        [
          [{ expression = "model_p50 / 1000", label = "Model p50", id = "model_p50_ms" }],
          [{ expression = "model_p99 / 1000", label = "Model p99", id = "model_p99_ms" }],
          ["AWS/SageMaker", "ModelLatency", local.invocation, { stat = "p50", id = "model_p50", visible = false }],
          ["AWS/SageMaker", "ModelLatency", local.invocation, { stat = "p99", id = "model_p99", visible = false }],
        ],
        [for line in [
          [{ expression = "overhead_p99 / 1000", label = "Overhead p99", id = "overhead_p99_ms" }],
          ["AWS/SageMaker", "OverheadLatency", local.invocation, { stat = "p99", id = "overhead_p99", visible = false }],
        ] : line if local.kind != "async"],
      )
    },
    {
      title = "Age of the oldest request (s)"
      shown = local.kind == "async"
      lines = [["AWS/SageMaker", "ApproximateAgeOfOldestRequest", local.backlog, { stat = "Maximum" }]]
    },
    {
      title = "Use of the concurrency (1: all)"
      shown = local.kind == "serverless"
      lines = [["AWS/SageMaker", "ServerlessConcurrentExecutionsUtilization", local.invocation, { stat = "Maximum" }]]
    },
    {
      title = "Utilisation (%; CPU and GPU: 100 for each core and GPU)"
      shown = true
      lines = concat(
        [["/aws/sagemaker/Endpoints", "MemoryUtilization", local.invocation, { stat = "Average" }]],
        [for metric in ["CPUUtilization", "GPUUtilization", "GPUMemoryUtilization"] :
        ["/aws/sagemaker/Endpoints", metric, local.invocation, { stat = "Average" }] if local.instances],
      )
    },
    {
      title = "Instances that report"
      shown = local.instances
      lines = [["/aws/sagemaker/Endpoints", "CPUUtilization", local.invocation, { stat = "SampleCount", label = "Instances" }]]
    },
  ] : graph if graph.shown]

  graph_widgets = [for graph in local.graphs : {
    type   = "metric"
    width  = 8
    height = 6
    properties = {
      title   = graph.title
      region  = data.aws_region.current.name
      view    = "timeSeries"
      period  = 60
      metrics = [for line in graph.lines : flatten(line)]
      yAxis   = { left = { min = 0 } }
    }
  }]

  tail_widgets = [
    { type = "text", width = 8, height = 6, properties = { markdown = local.data_text } },
    {
      type   = "log"
      width  = 24
      height = 6
      properties = {
        title  = "Errors in the log"
        region = data.aws_region.current.name
        view   = "table"
        query = join(" | ", [
          "SOURCE '${aws_cloudwatch_log_group.endpoint.name}'",
          "fields @timestamp, @message",
          "filter @message like /(?i)(error|exception|traceback)/",
          "sort @timestamp desc",
          "limit 50",
        ])
      }
    },
  ]
}
