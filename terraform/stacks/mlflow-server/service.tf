resource "aws_ecs_cluster" "mlflow" {
  name = local.name
}

resource "aws_ecs_service" "mlflow" {
  count = local.serving ? 1 : 0

  name                  = local.name
  cluster               = aws_ecs_cluster.mlflow.id
  task_definition       = aws_ecs_task_definition.server[0].arn
  launch_type           = "FARGATE"
  desired_count         = var.min_tasks
  wait_for_steady_state = true

  # The new tasks answer before the old ones go; if they never do, the old ones stay.
  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200
  health_check_grace_period_seconds  = 300

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  network_configuration {
    subnets          = local.private_subnet_ids
    security_groups  = [aws_security_group.server.id]
    assign_public_ip = false
  }

  load_balancer {
    target_group_arn = aws_lb_target_group.mlflow.arn
    container_name   = "mlflow"
    container_port   = local.port
  }

  enable_ecs_managed_tags = true
  propagate_tags          = "SERVICE"

  # All that a task needs from its first second.
  depends_on = [
    aws_iam_role_policy.execution,
    aws_iam_role_policy.task,
    aws_lb_listener.http,
    aws_lb_listener.https,
    aws_route.private,
    aws_route_table_association.private,
    aws_vpc_security_group_egress_rule.server_to_aws,
    aws_vpc_security_group_egress_rule.server_to_database,
    aws_vpc_security_group_ingress_rule.database,
    aws_vpc_security_group_ingress_rule.server,
  ]

  timeouts {
    create = "20m"
    update = "30m"
  }

  lifecycle {
    # Autoscaling owns the number of tasks: an apply must not undo it.
    ignore_changes = [desired_count]

    # Going back counts as success for ECS, and with it for an apply.
    postcondition {
      condition     = self.task_definition == aws_ecs_task_definition.server[0].arn
      error_message = "ECS went back to the tasks before: the new ones never became healthy. Their log is ${aws_cloudwatch_log_group.server.name}."
    }
  }
}

resource "aws_appautoscaling_target" "tasks" {
  count = local.serving ? 1 : 0

  service_namespace  = "ecs"
  resource_id        = "service/${aws_ecs_cluster.mlflow.name}/${aws_ecs_service.mlflow[0].name}"
  scalable_dimension = "ecs:service:DesiredCount"
  min_capacity       = var.min_tasks
  max_capacity       = var.max_tasks
}

resource "aws_appautoscaling_policy" "cpu" {
  count = local.serving ? 1 : 0

  name               = "${local.name}-cpu"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.tasks[0].service_namespace
  resource_id        = aws_appautoscaling_target.tasks[0].resource_id
  scalable_dimension = aws_appautoscaling_target.tasks[0].scalable_dimension

  target_tracking_scaling_policy_configuration {
    target_value       = 60
    scale_in_cooldown  = 300
    scale_out_cooldown = 60

    predefined_metric_specification {
      predefined_metric_type = "ECSServiceAverageCPUUtilization"
    }
  }
}
