# SageMaker cannot turn a realtime endpoint into a serverless one, nor take the asynchronous configuration from an
# endpoint that has it: the endpoint is made anew then, and does not answer in between.
#
# Without an endpoint there is none of it: one that is made beside an endpoint that is imported replaces nothing.
resource "terraform_data" "serving" {
  count = var.live == "" ? 0 : 1

  input = local.kind
}

resource "aws_sagemaker_endpoint" "live" {
  count = var.live == "" ? 0 : 1

  name                 = local.name
  endpoint_config_name = aws_sagemaker_endpoint_configuration.release[var.live].name

  dynamic "deployment_config" {
    # The provider could only replace an endpoint to add them; an update of SageMaker's does it afterwards.
    for_each = local.guarded && !var.unguarded ? [local.guardrails] : []

    content {
      dynamic "blue_green_update_policy" {
        for_each = try([deployment_config.value.BlueGreenUpdatePolicy], [])

        content {
          termination_wait_in_seconds          = blue_green_update_policy.value.TerminationWaitInSeconds
          maximum_execution_timeout_in_seconds = blue_green_update_policy.value.MaximumExecutionTimeoutInSeconds

          traffic_routing_configuration {
            type                     = blue_green_update_policy.value.TrafficRoutingConfiguration.Type
            wait_interval_in_seconds = blue_green_update_policy.value.TrafficRoutingConfiguration.WaitIntervalInSeconds

            dynamic "canary_size" {
              for_each = try([blue_green_update_policy.value.TrafficRoutingConfiguration.CanarySize], [])

              content {
                type  = canary_size.value.Type
                value = canary_size.value.Value
              }
            }

            dynamic "linear_step_size" {
              for_each = try([blue_green_update_policy.value.TrafficRoutingConfiguration.LinearStepSize], [])

              content {
                type  = linear_step_size.value.Type
                value = linear_step_size.value.Value
              }
            }
          }
        }
      }

      dynamic "rolling_update_policy" {
        for_each = try([deployment_config.value.RollingUpdatePolicy], [])

        content {
          wait_interval_in_seconds             = rolling_update_policy.value.WaitIntervalInSeconds
          maximum_execution_timeout_in_seconds = rolling_update_policy.value.MaximumExecutionTimeoutInSeconds

          maximum_batch_size {
            type  = rolling_update_policy.value.MaximumBatchSize.Type
            value = rolling_update_policy.value.MaximumBatchSize.Value
          }

          rollback_maximum_batch_size {
            type  = rolling_update_policy.value.RollbackMaximumBatchSize.Type
            value = rolling_update_policy.value.RollbackMaximumBatchSize.Value
          }
        }
      }

      # Without this block, Terraform's provider would make the endpoint anew, and SageMaker takes no empty list.
      auto_rollback_configuration {
        dynamic "alarms" {
          for_each = length(local.heeded_alarms) > 0 ? local.heeded_alarms : aws_cloudwatch_metric_alarm.never[*].alarm_name

          content {
            alarm_name = alarms.value
          }
        }
      }
    }
  }

  depends_on = [aws_cloudwatch_log_group.endpoint, aws_iam_role_policy.serving]

  lifecycle {
    replace_triggered_by = [terraform_data.serving]
  }
}
