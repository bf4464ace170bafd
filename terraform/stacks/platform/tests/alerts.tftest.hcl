mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  platform     = "acme"
  environment  = "prod"
  alert_emails = ["ml@acme.example", "on-call@acme.example"]
}

run "every_address_is_told" {
  assert {
    condition     = aws_sns_topic.alerts.name == "acme-prod-alerts" && output.alerts_topic == aws_sns_topic.alerts.arn
    error_message = "Alarms are sent to acme-prod-alerts."
  }

  assert {
    condition = { for each in aws_sns_topic_subscription.email : each.endpoint => "${each.protocol} ${each.topic_arn}" } == {
      "ml@acme.example"      = "email ${aws_sns_topic.alerts.arn}"
      "on-call@acme.example" = "email ${aws_sns_topic.alerts.arn}"
    }
    error_message = "Somebody else is told."
  }
}

run "only_our_alarms_publish_and_eventbridge_without_a_condition_that_it_could_not_meet" {
  assert {
    condition = { for statement in jsondecode(aws_sns_topic_policy.alerts.policy).Statement : statement.Principal.Service => try(statement.Condition, {}) } == {
      "cloudwatch.amazonaws.com" = {
        StringEquals = { "aws:SourceAccount" = "123456789012" }
        ArnLike      = { "aws:SourceArn" = "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:acme-prod-*" }
      }
      "events.amazonaws.com" = {}
    }
    error_message = "Others could publish, or failed trainings are told nobody."
  }

  assert {
    condition = alltrue([
      for statement in jsondecode(aws_sns_topic_policy.alerts.policy).Statement :
      statement.Action == "sns:Publish" && statement.Resource == aws_sns_topic.alerts.arn
    ])
    error_message = "They may do more than publish."
  }
}

run "failed_jobs_of_our_queues_are_told" {
  assert {
    condition     = jsondecode(aws_cloudwatch_event_rule.failed_jobs.event_pattern).detail.status == ["FAILED"] && jsondecode(aws_cloudwatch_event_rule.failed_jobs.event_pattern).source == ["aws.batch"]
    error_message = "The rule matches other events."
  }

  assert {
    condition     = jsonencode(jsondecode(aws_cloudwatch_event_rule.failed_jobs.event_pattern).detail.jobQueue) == jsonencode(values(output.queues))
    error_message = "The rule matches jobs of others."
  }

  assert {
    condition     = aws_cloudwatch_event_target.alerts.arn == aws_sns_topic.alerts.arn && aws_cloudwatch_event_target.alerts.rule == aws_cloudwatch_event_rule.failed_jobs.name
    error_message = "Nobody is told of a failed training."
  }
}

run "the_dashboard_finds_the_endpoints_of_this_environment_alone" {
  assert {
    condition     = aws_cloudwatch_dashboard.environment.dashboard_name == "acme-prod"
    error_message = "The dashboard is looked for at acme-prod."
  }

  assert {
    condition = alltrue([
      for widget in slice(jsondecode(aws_cloudwatch_dashboard.environment.dashboard_body).widgets, 0, 6) :
      can(regex("^SEARCH\\('\\{\"[A-Za-z/]+\",[A-Za-z,]+\\} MetricName=\"\\w+\" EndpointName=acme-prod', '\\w+', 60\\)", widget.properties.metrics[0][0].expression))
    ])
    error_message = "A graph shows endpoints of others."
  }

  assert {
    condition = one([
      for widget in jsondecode(aws_cloudwatch_dashboard.environment.dashboard_body).widgets : widget.properties.metrics[0][0].expression
      if startswith(widget.properties.title, "Latency")
    ]) == "SEARCH('{\"AWS/SageMaker\",EndpointName,VariantName} MetricName=\"ModelLatency\" EndpointName=acme-prod', 'p99', 60) / 1000"
    error_message = "SageMaker's latency is in microseconds."
  }

  assert {
    condition = contains([
      for widget in jsondecode(aws_cloudwatch_dashboard.environment.dashboard_body).widgets : try(slice(widget.properties.metrics[0], 0, 4), [])
    ], ["AWS/Events", "TriggeredRules", "RuleName", "acme-prod-failed-jobs"])
    error_message = "Failed trainings are not shown."
  }
}
