mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  platform     = "acme"
  environment  = "prod"
  project      = "churn"
  live         = "v1-aaaaaaa"
  alerts_topic = "arn:aws:sns:eu-west-1:123456789012:acme-prod-alerts"
  alarms       = { errors_5xx = 1.5, errors_4xx = 10, latency_p99 = 400 }
  metrics      = { log_loss = "0.3141", "auc|test" = "0.92" }

  releases = [
    { name = "v1-aaaaaaa", version = 1, image = "m", realtime = { instance_type = "ml.m5.large", instances = 1 }, capture = 20 },
  ]
}

run "errors_are_counted_in_percent_of_the_requests" {
  assert {
    condition = (
      [for query in aws_cloudwatch_metric_alarm.errors_5xx.metric_query : query.expression if query.return_data == true] == ["100 * errors"]
      && [for query in aws_cloudwatch_metric_alarm.errors_5xx.metric_query : "${query.metric[0].metric_name} ${query.metric[0].stat}" if length(query.metric) > 0] == ["Invocation5XXErrors Average"]
      && aws_cloudwatch_metric_alarm.errors_5xx.threshold == 1.5
    )
    error_message = "Server errors are counted in another way."
  }

  assert {
    condition = (
      [for query in aws_cloudwatch_metric_alarm.errors_4xx[0].metric_query : "${query.metric[0].metric_name} ${query.metric[0].stat}" if length(query.metric) > 0] == ["Invocation4XXErrors Average"]
      && aws_cloudwatch_metric_alarm.errors_4xx[0].threshold == 10
    )
    error_message = "Client errors are counted in another way."
  }
}

run "the_latency_is_the_models_own_in_microseconds" {
  assert {
    condition = (
      aws_cloudwatch_metric_alarm.latency_p99[0].metric_name == "ModelLatency"
      && aws_cloudwatch_metric_alarm.latency_p99[0].extended_statistic == "p99"
      && aws_cloudwatch_metric_alarm.latency_p99[0].threshold == 400000
    )
    error_message = "Another latency, or a thousandth of it."
  }
}

run "a_realtime_endpoint_whose_instances_fall_silent_is_reported" {
  assert {
    condition = (
      aws_cloudwatch_metric_alarm.no_instance[0].namespace == "/aws/sagemaker/Endpoints"
      && aws_cloudwatch_metric_alarm.no_instance[0].statistic == "SampleCount"
      && aws_cloudwatch_metric_alarm.no_instance[0].treat_missing_data == "breaching"
    )
    error_message = "An endpoint without instances would go unnoticed."
  }

  assert {
    condition     = length(aws_cloudwatch_metric_alarm.throttled) == 0 && length(aws_cloudwatch_metric_alarm.backlog) == 0
    error_message = "An alarm that can never fire."
  }
}

run "everybody_of_the_topic_is_told_of_the_beginning_and_the_end" {
  assert {
    condition = alltrue([
      for alarm in [aws_cloudwatch_metric_alarm.errors_5xx, aws_cloudwatch_metric_alarm.errors_4xx[0], aws_cloudwatch_metric_alarm.latency_p99[0], aws_cloudwatch_metric_alarm.no_instance[0]] :
      alarm.alarm_actions == toset([var.alerts_topic]) && alarm.ok_actions == toset([var.alerts_topic])
    ])
    error_message = "An alarm that nobody hears."
  }
}

run "without_a_topic_nobody_is_told" {
  variables {
    alerts_topic = ""
  }

  assert {
    condition     = length(coalesce(aws_cloudwatch_metric_alarm.errors_5xx.alarm_actions, [])) == 0
    error_message = "An alarm tells somebody."
  }
}

run "alarms_that_nobody_asked_for_do_not_exist" {
  variables {
    alarms = { errors_5xx = 5, errors_4xx = 0, latency_p99 = 0 }
  }

  assert {
    condition     = length(aws_cloudwatch_metric_alarm.errors_4xx) == 0 && length(aws_cloudwatch_metric_alarm.latency_p99) == 0
    error_message = "0 is no threshold."
  }
}

run "a_serverless_endpoint_at_the_end_of_its_concurrency_is_reported" {
  variables {
    releases = [
      { name = "v1-aaaaaaa", version = 1, image = "m", serverless = { memory = 2048, max_concurrency = 5 } },
    ]
  }

  assert {
    condition = (
      aws_cloudwatch_metric_alarm.throttled[0].metric_name == "ServerlessConcurrentExecutionsUtilization"
      && aws_cloudwatch_metric_alarm.throttled[0].threshold == 1
      && length(aws_cloudwatch_metric_alarm.no_instance) == 0
    )
    error_message = "Refused requests would go unnoticed, or missing instances be reported where there are none."
  }
}

run "an_async_request_that_waits_for_an_hour_is_reported" {
  variables {
    releases = [
      { name = "v1-aaaaaaa", version = 1, image = "m", async = { instance_type = "ml.m5.large", instances = 1, max_concurrent = 4 } },
    ]
  }

  assert {
    condition = (
      aws_cloudwatch_metric_alarm.backlog[0].metric_name == "ApproximateAgeOfOldestRequest"
      && aws_cloudwatch_metric_alarm.backlog[0].dimensions == tomap({ EndpointName = "acme-prod-churn" })
      && aws_cloudwatch_metric_alarm.backlog[0].threshold == 3600
      && length(aws_cloudwatch_metric_alarm.no_instance) == 0
    )
    error_message = "A queue that stands still would go unnoticed, or an endpoint that scaled to zero be reported."
  }

  assert {
    condition     = !strcontains(aws_cloudwatch_dashboard.live[0].dashboard_body, "\"Invocations\"")
    error_message = "SageMaker counts no Invocations of async endpoints."
  }

  assert {
    condition     = strcontains(aws_cloudwatch_dashboard.live[0].dashboard_body, "ApproximateBacklogSize")
    error_message = "The backlog is not shown."
  }
}

run "the_dashboard_shows_how_the_model_does" {
  assert {
    condition     = aws_cloudwatch_dashboard.live[0].dashboard_name == "acme-prod-churn"
    error_message = "The dashboard would not be found."
  }

  assert {
    condition = [
      for widget in jsondecode(aws_cloudwatch_dashboard.live[0].dashboard_body).widgets : try(widget.properties.title, split("\n", widget.properties.markdown)[0])
      ] == [
      "Alarms",
      "## Version 1",
      "Requests",
      "Errors (% of the requests)",
      "Latency (ms)",
      "Utilisation (%; CPU and GPU: 100 for each core and GPU)",
      "Instances that report",
      "## Data",
      "Errors in the log",
    ]
    error_message = "Other widgets."
  }

  assert {
    condition = alltrue([
      strcontains(jsondecode(aws_cloudwatch_dashboard.live[0].dashboard_body).widgets[1].properties.markdown, "| log_loss | 0.3141 |"),
      strcontains(jsondecode(aws_cloudwatch_dashboard.live[0].dashboard_body).widgets[1].properties.markdown, "| auc\\|test | 0.92 |"),
    ])
    error_message = "The model's metrics are not shown."
  }

  assert {
    condition     = strcontains(jsondecode(aws_cloudwatch_dashboard.live[0].dashboard_body).widgets[7].properties.markdown, "20% of the requests are captured in `s3://acme-prod-churn-123456789012/capture`")
    error_message = "What is captured is not told."
  }

  assert {
    condition     = length(jsondecode(aws_cloudwatch_dashboard.live[0].dashboard_body).widgets[0].properties.alarms) == 4
    error_message = "An alarm is not shown."
  }

  assert {
    condition = alltrue(flatten([
      for widget in jsondecode(aws_cloudwatch_dashboard.live[0].dashboard_body).widgets : [
        for line in widget.properties.metrics : strcontains(line[0].expression, "/ 1000") if try(line[0].expression, "") != ""
      ] if try(widget.properties.title, "") == "Latency (ms)"
    ]))
    error_message = "Microseconds pass for milliseconds."
  }
}

run "without_an_endpoint_there_is_nothing_to_show_and_nobody_to_miss" {
  variables {
    live = ""
  }

  assert {
    condition     = length(aws_cloudwatch_dashboard.live) == 0 && length(aws_cloudwatch_metric_alarm.no_instance) == 0
    error_message = "Nothing serves."
  }
}
