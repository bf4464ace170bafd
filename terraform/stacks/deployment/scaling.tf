locals {
  scaled = var.live != "" && var.scaling.max > 0
}

# SageMaker refuses to change the instance type of an endpoint that is scaled, and forgets the scaling of one that is
# made anew. Replaced, scaling goes before the endpoint moves and comes back afterwards.
resource "terraform_data" "scaled" {
  input = "${local.kind} ${local.instance_type}"
}

resource "aws_appautoscaling_target" "live" {
  count = local.scaled ? 1 : 0

  service_namespace  = "sagemaker"
  scalable_dimension = "sagemaker:variant:DesiredInstanceCount"
  resource_id        = "endpoint/${aws_sagemaker_endpoint.live[0].name}/variant/${local.variant}"
  min_capacity       = var.scaling.min
  max_capacity       = var.scaling.max

  lifecycle {
    replace_triggered_by = [terraform_data.scaled]
  }
}

# Its policies go with a target.
resource "aws_appautoscaling_policy" "track" {
  count = local.scaled ? 1 : 0

  name               = "${local.name}-track"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.live[0].service_namespace
  scalable_dimension = aws_appautoscaling_target.live[0].scalable_dimension
  resource_id        = aws_appautoscaling_target.live[0].resource_id

  target_tracking_scaling_policy_configuration {
    target_value       = var.scaling.target
    scale_in_cooldown  = 300
    scale_out_cooldown = 300

    dynamic "predefined_metric_specification" {
      for_each = local.kind == "realtime" ? ["SageMakerVariantInvocationsPerInstance"] : []

      content {
        predefined_metric_type = predefined_metric_specification.value
      }
    }

    dynamic "customized_metric_specification" {
      for_each = local.kind == "async" ? ["ApproximateBacklogSizePerInstance"] : []

      content {
        namespace   = "AWS/SageMaker"
        metric_name = customized_metric_specification.value
        statistic   = "Average"

        dimensions {
          name  = "EndpointName"
          value = local.name
        }
      }
    }
  }

  lifecycle {
    replace_triggered_by = [aws_appautoscaling_target.live[count.index].id]
  }
}

# Without an instance there is no backlog per instance, so tracking would never start one.
resource "aws_appautoscaling_policy" "wake" {
  count = local.scaled && local.kind == "async" && var.scaling.min == 0 ? 1 : 0

  name               = "${local.name}-wake"
  policy_type        = "StepScaling"
  service_namespace  = aws_appautoscaling_target.live[0].service_namespace
  scalable_dimension = aws_appautoscaling_target.live[0].scalable_dimension
  resource_id        = aws_appautoscaling_target.live[0].resource_id

  step_scaling_policy_configuration {
    adjustment_type         = "ChangeInCapacity"
    metric_aggregation_type = "Average"
    cooldown                = 300

    step_adjustment {
      metric_interval_lower_bound = 0
      scaling_adjustment          = 1
    }
  }

  lifecycle {
    replace_triggered_by = [aws_appautoscaling_target.live[count.index].id]
  }
}

resource "aws_cloudwatch_metric_alarm" "wake" {
  count = length(aws_appautoscaling_policy.wake)

  alarm_name        = "${local.name}-wake"
  alarm_description = "Requests wait for ${local.name}, and it has no instance: starts one"

  namespace   = "AWS/SageMaker"
  metric_name = "HasBacklogWithoutCapacity"
  dimensions  = { EndpointName = local.name }

  statistic           = "Average"
  period              = 60
  evaluation_periods  = 2
  threshold           = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  treat_missing_data  = "missing"
  alarm_actions       = [aws_appautoscaling_policy.wake[0].arn]
}
