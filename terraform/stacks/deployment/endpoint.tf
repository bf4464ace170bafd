# SageMaker cannot turn a realtime endpoint into a serverless one: the endpoint is made anew then, and does not answer
# in between.
resource "terraform_data" "serving" {
  input = local.live == null ? "" : local.live.realtime == null ? "serverless" : "realtime"
}

locals {
  # Guardrails do not exist for serverless endpoints.
  guarded = local.live == null ? false : local.live.realtime != null

  # The old fleet stays this long beside the new one: time for the alarm to see a bad release.
  termination_wait = 120
  rollout_limit    = 3600
}

resource "aws_sagemaker_endpoint" "live" {
  count = var.live == "" ? 0 : 1

  name                 = local.name
  endpoint_config_name = aws_sagemaker_endpoint_configuration.release[var.live].name

  # From birth: adding them later means a new endpoint.
  dynamic "deployment_config" {
    for_each = local.guarded ? [1] : []

    content {
      blue_green_update_policy {
        termination_wait_in_seconds          = local.termination_wait
        maximum_execution_timeout_in_seconds = local.rollout_limit

        traffic_routing_configuration {
          type                     = "ALL_AT_ONCE"
          wait_interval_in_seconds = 0
        }
      }

      auto_rollback_configuration {
        alarms {
          alarm_name = aws_cloudwatch_metric_alarm.errors_5xx.alarm_name
        }
      }
    }
  }

  depends_on = [aws_cloudwatch_log_group.endpoint, aws_iam_role_policy.serving]

  lifecycle {
    replace_triggered_by = [terraform_data.serving]
  }
}
