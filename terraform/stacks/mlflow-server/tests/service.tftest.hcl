mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  platform    = "acme"
  environment = "prod"
  host        = "mlflow.acme-prod.internal"
  image       = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/acme-prod/mlflow-server:0123456789ab"
  code_digest = "c0de"
}

run "without_an_image_there_is_a_repository_and_no_service" {
  command = plan

  variables {
    image = ""
  }

  assert {
    condition = (
      length(aws_ecs_service.mlflow) == 0
      && length(aws_ecs_task_definition.server) == 0
      && length(aws_appautoscaling_target.tasks) == 0
      && length(aws_appautoscaling_policy.cpu) == 0
    )
    error_message = "A service without an image never starts."
  }

  assert {
    condition     = aws_ecr_repository.server.name == "acme-prod/mlflow-server" && aws_ecs_cluster.mlflow.name == "acme-prod-mlflow"
    error_message = "What comes before the image is missing."
  }
}

run "the_container_is_told_all_that_it_needs_and_no_password" {
  command = plan

  assert {
    condition = jsonencode(jsondecode(aws_ecs_task_definition.server[0].container_definitions)[0].secrets) == jsonencode([{
      name      = "DATABASE_PASSWORD"
      valueFrom = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:rds!db-1-AbCdEf:password::"
    }])
    error_message = "The password is elsewhere."
  }

  assert {
    condition = !anytrue([
      for each in jsondecode(aws_ecs_task_definition.server[0].container_definitions)[0].environment : strcontains(each.name, "PASSWORD")
    ])
    error_message = "The password is in the task definition."
  }

  assert {
    condition = {
      for each in jsondecode(aws_ecs_task_definition.server[0].container_definitions)[0].environment : each.name => each.value
      } == {
      TRACKING_URI                 = "http://mlflow.acme-prod.internal"
      DATABASE_ENGINE              = "mysql"
      DATABASE_HOST                = "acme-prod-mlflow.abc.eu-west-1.rds.amazonaws.com"
      DATABASE_PORT                = "3306"
      DATABASE_NAME                = "mlflow"
      DATABASE_USER                = "mlflow"
      MLFLOW_ARTIFACTS_DESTINATION = "s3://acme-prod-mlflow-123456789012"
      MLFLOW_WORKERS               = "2"
      MLFLOW_PORT                  = "5000"
      MLFLOW_UVICORN_OPTS          = "--timeout-keep-alive 905"
      AWS_REGION                   = "eu-west-1"
      AWS_DEFAULT_REGION           = "eu-west-1"
    }
    error_message = "The entry point would miss something, or connections close before the load balancer lets go of them."
  }

  assert {
    condition = (
      jsondecode(aws_ecs_task_definition.server[0].container_definitions)[0].readonlyRootFilesystem
      && one(jsondecode(aws_ecs_task_definition.server[0].container_definitions)[0].mountPoints).containerPath == "/scratch"
      && one(aws_ecs_task_definition.server[0].volume).name == "scratch"
    )
    error_message = "The container may write elsewhere, or nowhere."
  }

  assert {
    condition     = jsondecode(aws_ecs_task_definition.server[0].container_definitions)[0].healthCheck.command == ["CMD", "python", "/app/health.py"]
    error_message = "A changed password would go unnoticed."
  }
}

run "a_big_task_has_two_workers_for_each_vcpu" {
  command = plan

  variables {
    cpu    = 4096
    memory = 30720
  }

  assert {
    condition     = local.workers == 8
    error_message = "Two workers for each vCPU."
  }
}

run "new_tasks_answer_before_old_ones_go_and_a_bad_rollout_goes_back" {
  command = plan

  assert {
    condition = (
      aws_ecs_service.mlflow[0].deployment_minimum_healthy_percent == 100
      && aws_ecs_service.mlflow[0].wait_for_steady_state
      && one(aws_ecs_service.mlflow[0].deployment_circuit_breaker).enable
      && one(aws_ecs_service.mlflow[0].deployment_circuit_breaker).rollback
    )
    error_message = "An update interrupts the server."
  }

  assert {
    condition     = !one(aws_ecs_service.mlflow[0].network_configuration).assign_public_ip
    error_message = "A task has a public address."
  }
}

run "the_smallest_task_has_a_worker_and_the_number_of_tasks_follows_the_cpu" {
  command = plan

  variables {
    cpu       = 256
    memory    = 512
    min_tasks = 2
    max_tasks = 5
  }

  assert {
    condition     = local.workers == 1
    error_message = "A server without workers answers nobody."
  }

  assert {
    condition = (
      aws_ecs_service.mlflow[0].desired_count == 2
      && aws_appautoscaling_target.tasks[0].min_capacity == 2
      && aws_appautoscaling_target.tasks[0].max_capacity == 5
      && aws_appautoscaling_target.tasks[0].resource_id == "service/acme-prod-mlflow/acme-prod-mlflow"
      && one(one(aws_appautoscaling_policy.cpu[0].target_tracking_scaling_policy_configuration).predefined_metric_specification).predefined_metric_type == "ECSServiceAverageCPUUtilization"
    )
    error_message = "Not the tasks that were asked for."
  }
}
