locals {
  port = 5000

  # Two worker processes for each vCPU, each of about half a gigabyte at work.
  workers = max(1, min(floor(var.cpu / 512), floor(var.memory / 1024)))

  settings = {
    TRACKING_URI                 = local.tracking_uri
    DATABASE_ENGINE              = var.database.engine
    DATABASE_HOST                = aws_db_instance.mlflow.address
    DATABASE_PORT                = tostring(local.engine.port)
    DATABASE_NAME                = aws_db_instance.mlflow.db_name
    DATABASE_USER                = aws_db_instance.mlflow.username
    MLFLOW_ARTIFACTS_DESTINATION = "s3://${aws_s3_bucket.artifacts.id}"
    MLFLOW_WORKERS               = tostring(local.workers)
    MLFLOW_PORT                  = tostring(local.port)
    MLFLOW_UVICORN_OPTS          = "--timeout-keep-alive ${local.idle_seconds + 5}"
    AWS_REGION                   = local.region
    AWS_DEFAULT_REGION           = local.region
  }
}

resource "aws_cloudwatch_log_group" "server" {
  name              = "/${var.platform}/${var.environment}/mlflow/server"
  retention_in_days = var.log_retention_days
}

resource "aws_ecs_task_definition" "server" {
  count = local.serving ? 1 : 0

  family                   = local.name
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.cpu
  memory                   = var.memory
  execution_role_arn       = aws_iam_role.execution.arn
  task_role_arn            = aws_iam_role.task.arn

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = "X86_64"
  }

  # The only place that the container may write to: uploads on their way to the bucket.
  volume {
    name = "scratch"
  }

  container_definitions = jsonencode([{
    name                   = "mlflow"
    image                  = var.image
    essential              = true
    readonlyRootFilesystem = true
    linuxParameters        = { initProcessEnabled = true }
    mountPoints            = [{ sourceVolume = "scratch", containerPath = "/scratch", readOnly = false }]
    portMappings           = [{ containerPort = local.port, hostPort = local.port, protocol = "tcp" }]
    environment            = [for name in sort(keys(local.settings)) : { name = name, value = local.settings[name] }]
    secrets                = [{ name = "DATABASE_PASSWORD", valueFrom = "${local.password_arn}:password::" }]
    stopTimeout            = 120

    # Signs in to the database too: the password that the container was started with is changed every seven days, and
    # the next container gets the new one. Two and a half minutes without a database are survived: a failover is over.
    healthCheck = {
      command     = ["CMD", "python", "/app/health.py"]
      interval    = 30
      timeout     = 15
      retries     = 5
      startPeriod = 300
    }

    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.server.name
        awslogs-region        = local.region
        awslogs-stream-prefix = "mlflow"
      }
    }
  }])

  # The service moves to the new revision before the old one goes: it may have to go back.
  lifecycle {
    create_before_destroy = true
  }
}
