locals {
  serverless = startswith(var.compute, "fargate")
  asked      = { VCPU = var.vcpu, MEMORY = var.memory, GPU = var.gpu }

  requirements = merge(
    { for each in var.default_resource_requirements : each.type => each.value },
    { for type, amount in local.asked : type => tostring(amount) if amount > 0 },
  )

  # Each attempt begins with this file and not with `mlflow run`, whatever image it is and whoever submitted it. Batch may
  # hand the command to ECS as an override, of which 8,192 characters are taken in all
  # (https://github.com/Netflix/metaflow/issues/1482): a test holds it below half of that.
  command = ["python", "-c", file("${path.module}/attempt.py"), "Ref::run_id"]

  # In the environment nobody expands or splits anything: Batch and ECS would in a command.
  inputs = {
    RECONCILER_ENTRY_POINT = var.entry_point
    RECONCILER_PARAMETERS  = length(var.parameters) == 0 ? "" : jsonencode(var.parameters)
  }

  environment = merge(
    var.env,
    {
      # Fargate tells the region, an instance does not.
      AWS_DEFAULT_REGION       = local.region
      MLFLOW_DISABLE_TELEMETRY = "true"
      MLFLOW_EXPERIMENT_NAME   = var.experiment
      MLFLOW_TRACKING_URI      = var.tracking_uri
      RECONCILER_MODEL         = var.model
    },
    { for name, value in local.inputs : name => value if value != "" },
  )

  secrets = { secrets = [for name, arn in var.secrets : { name = name, valueFrom = arn }] }

  container = {
    image            = var.image
    command          = local.command
    executionRoleArn = aws_iam_role.execution.arn
    jobRoleArn       = aws_iam_role.job.arn

    resourceRequirements = [for type, amount in local.requirements : { type = type, value = amount }]

    environment = [for name, value in local.environment : { name = name, value = value }]

    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.training.name
        awslogs-region        = local.region
        awslogs-stream-prefix = "training"
      }
    }
  }

  # AWS takes these on Fargate only.
  serverless_container = {
    fargatePlatformConfiguration = { platformVersion = "LATEST" }
    networkConfiguration         = { assignPublicIp = var.public_ips ? "ENABLED" : "DISABLED" }
  }
}

# A host that failed is worth another attempt, code that failed is not: the same code fails the same way. ECS says why a
# task stopped on Fargate, and why its container did not start on an instance.
locals {
  host_failures = {
    serverless = [
      { status_reason = "Your Spot Task was interrupted*", reason = null },
      { status_reason = "ResourceInitializationError*", reason = null },
      { status_reason = "CannotPullContainerError*", reason = null },
      { status_reason = null, reason = "CannotPullContainerError*" },
    ]

    instances = [
      { status_reason = "Host EC2*", reason = null },
      { status_reason = null, reason = "CannotPullContainerError*" },
      { status_reason = null, reason = "DockerTimeoutError*" },
    ]
  }
}

resource "aws_batch_job_definition" "training" {
  name                  = local.name
  type                  = "container"
  platform_capabilities = [local.serverless ? "FARGATE" : "EC2"]
  propagate_tags        = true

  # Of jobs that the clock submits.
  parameters = { run_id = "none" }

  container_properties = jsonencode(merge(
    local.container,
    { for key, value in local.secrets : key => value if length(value) > 0 },
    { for key, value in local.serverless_container : key => value if local.serverless },
  ))

  timeout {
    attempt_duration_seconds = var.timeout
  }

  # Batch takes five rules at most, and tries again whatever matches none: hence the last.
  retry_strategy {
    attempts = var.attempts

    dynamic "evaluate_on_exit" {
      for_each = local.host_failures[local.serverless ? "serverless" : "instances"]

      content {
        on_status_reason = evaluate_on_exit.value.status_reason
        on_reason        = evaluate_on_exit.value.reason
        action           = "RETRY"
      }
    }

    evaluate_on_exit {
      on_reason = "*"
      action    = "EXIT"
    }
  }

  depends_on = [aws_iam_role_policy.execution, aws_iam_role_policy.job]
}
