# Whoever has to know: alarms of the endpoints publish here, and so does every training that failed for good. The messages
# hold names and reasons, no data; with SNS's own key neither CloudWatch nor EventBridge could write to it.
resource "aws_sns_topic" "alerts" {
  name         = "${local.prefix}-alerts"
  display_name = "${local.prefix}: alerts"
}

resource "aws_sns_topic_policy" "alerts" {
  arn = aws_sns_topic.alerts.arn

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Alarms"
        Effect    = "Allow"
        Principal = { Service = "cloudwatch.amazonaws.com" }
        Action    = "sns:Publish"
        Resource  = aws_sns_topic.alerts.arn
        Condition = {
          StringEquals = { "aws:SourceAccount" = local.account }
          ArnLike      = { "aws:SourceArn" = "arn:${local.partition}:cloudwatch:${local.arn_suffix}:alarm:${local.prefix}-*" }
        }
      },
      {
        # EventBridge tells SNS nothing of the rule that publishes: with a condition on it, nothing is ever published.
        # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-sns-permissions
        Sid       = "FailedJobs"
        Effect    = "Allow"
        Principal = { Service = "events.amazonaws.com" }
        Action    = "sns:Publish"
        Resource  = aws_sns_topic.alerts.arn
      },
    ]
  })
}

resource "aws_sns_topic_subscription" "email" {
  for_each = toset(var.alert_emails)

  topic_arn = aws_sns_topic.alerts.arn
  protocol  = "email"
  endpoint  = each.value
}

# Batch tells of a failed job once its last attempt is over.
resource "aws_cloudwatch_event_rule" "failed_jobs" {
  name        = "${local.prefix}-failed-jobs"
  description = "Training jobs of ${local.prefix} that failed"

  event_pattern = jsonencode({
    source      = ["aws.batch"]
    detail-type = ["Batch Job State Change"]
    detail = {
      status   = ["FAILED"]
      jobQueue = sort([for queue in aws_batch_job_queue.pool : queue.arn])
    }
  })
}

resource "aws_cloudwatch_event_target" "alerts" {
  rule      = aws_cloudwatch_event_rule.failed_jobs.name
  target_id = "alerts"
  arn       = aws_sns_topic.alerts.arn

  input_transformer {
    input_paths = {
      name   = "$.detail.jobName"
      id     = "$.detail.jobId"
      reason = "$.detail.statusReason"
      time   = "$.time"
    }

    input_template = "\"Training job <name> (<id>) failed at <time>: <reason>\""
  }

  depends_on = [aws_sns_topic_policy.alerts]
}
