# Trainings by the clock. Nobody opens a run for them: each opens its own in the experiment.

locals {
  scheduled = var.schedule != ""

  submission = {
    JobName       = "${local.name}-scheduled"
    JobDefinition = aws_batch_job_definition.training.name
    JobQueue      = var.queue
    PropagateTags = true
    # Whoever retires the project may stop what carries these only.
    Tags = local.tags

    ContainerOverrides = {
      Environment = [{ Name = "RECONCILER_TRIGGER", Value = "schedule" }]
    }
  }
}

resource "aws_scheduler_schedule" "training" {
  count = local.scheduled ? 1 : 0

  name                         = local.name
  description                  = "Trains ${local.name} by the clock"
  schedule_expression          = var.schedule
  schedule_expression_timezone = "UTC"

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = "arn:${local.partition}:scheduler:::aws-sdk:batch:submitJob"
    role_arn = aws_iam_role.schedule[0].arn
    input    = jsonencode(local.submission)

    # A submission that fails for an hour is worth less than the next one.
    retry_policy {
      maximum_retry_attempts       = 10
      maximum_event_age_in_seconds = 3600
    }
  }

  depends_on = [aws_iam_role_policy.schedule]
}

resource "aws_iam_role" "schedule" {
  count = local.scheduled ? 1 : 0

  name        = "${local.name}-schedule"
  description = "Submits the trainings of ${local.name} that the clock starts"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "scheduler.amazonaws.com" }
      Action    = "sts:AssumeRole"
      # EventBridge Scheduler tells the group of a schedule, never the schedule itself.
      Condition = {
        StringEquals = { "aws:SourceAccount" = local.account }
        ArnEquals    = { "aws:SourceArn" = "arn:${local.partition}:scheduler:${local.arn_suffix}:schedule-group/default" }
      }
    }]
  })
}

resource "aws_iam_role_policy" "schedule" {
  count = local.scheduled ? 1 : 0

  name = "submit-jobs"
  role = aws_iam_role.schedule[0].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid    = "Submit"
      Effect = "Allow"
      # A job that is submitted with tags is tagged by who submits it.
      Action = ["batch:SubmitJob", "batch:TagResource"]
      # The definition is named without a revision, for its newest one. A job has an id of AWS's own.
      Resource = [
        "arn:${local.partition}:batch:${local.arn_suffix}:job-definition/${local.name}",
        "arn:${local.partition}:batch:${local.arn_suffix}:job-definition/${local.name}:*",
        "arn:${local.partition}:batch:${local.arn_suffix}:job-queue/${var.queue}",
        "arn:${local.partition}:batch:${local.arn_suffix}:job/*",
      ]
    }]
  })
}
