# One of each kind of resource that the project's stacks make, all in one state.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}

provider "aws" {
  max_retries = 2
}

variable "images" {
  description = "Addresses of the model images, by version."
  type        = map(string)
}

variable "live" {
  description = "The version that serves."
  type        = string
}

variable "max_vcpus" {
  description = "Most vCPUs of the compute environments."
  type        = number
  default     = 4
}

data "aws_vpc" "default" {
  default = true
}

data "aws_subnets" "default" {
  filter {
    name   = "vpc-id"
    values = [data.aws_vpc.default.id]
  }
}

data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com", "ecs-tasks.amazonaws.com", "sagemaker.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "this" {
  name               = "everything"
  assume_role_policy = data.aws_iam_policy_document.assume.json
}

resource "aws_iam_role_policy_attachment" "execution" {
  role       = aws_iam_role.this.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
}

resource "aws_iam_role_policy" "alarms" {
  name = "alarms"
  role = aws_iam_role.this.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "cloudwatch:DescribeAlarms", Resource = "*" }]
  })
}

resource "aws_iam_instance_profile" "this" {
  name = "everything"
  role = aws_iam_role.this.name
}

resource "aws_security_group" "this" {
  name   = "everything"
  vpc_id = data.aws_vpc.default.id
}

resource "aws_ecr_repository" "this" {
  name                 = "team/project"
  image_tag_mutability = "IMMUTABLE"
  force_delete         = true
}

resource "aws_ecr_lifecycle_policy" "this" {
  repository = aws_ecr_repository.this.name
  policy = jsonencode({
    rules = [{
      rulePriority = 1
      action       = { type = "expire" }
      selection    = { tagStatus = "any", countType = "imageCountMoreThan", countNumber = 30 }
    }]
  })
}

resource "aws_cloudwatch_log_group" "this" {
  name              = "/team/project/train"
  retention_in_days = 30
}

resource "aws_batch_compute_environment" "fargate" {
  compute_environment_name = "fargate"
  type                     = "MANAGED"
  compute_resources {
    type               = "FARGATE"
    max_vcpus          = var.max_vcpus
    subnets            = data.aws_subnets.default.ids
    security_group_ids = [aws_security_group.this.id]
  }
}

resource "aws_batch_compute_environment" "spot" {
  compute_environment_name = "spot"
  type                     = "MANAGED"
  compute_resources {
    type                = "SPOT"
    allocation_strategy = "SPOT_PRICE_CAPACITY_OPTIMIZED"
    min_vcpus           = 0
    max_vcpus           = var.max_vcpus
    instance_type       = ["m6i", "c7i.xlarge", "g5.xlarge"]
    instance_role       = aws_iam_instance_profile.this.arn
    subnets             = data.aws_subnets.default.ids
    security_group_ids  = [aws_security_group.this.id]
  }
}

resource "aws_batch_job_queue" "this" {
  name     = "queue"
  state    = "ENABLED"
  priority = 1
  compute_environment_order {
    order               = 1
    compute_environment = aws_batch_compute_environment.fargate.arn
  }
}

resource "aws_batch_job_definition" "this" {
  name                  = "train"
  type                  = "container"
  platform_capabilities = ["FARGATE"]
  propagate_tags        = true
  parameters            = { digest = "none" }
  container_properties = jsonencode({
    image                        = "${aws_ecr_repository.this.repository_url}:latest"
    command                      = ["mlflow", "run", ".", "Ref::digest"]
    jobRoleArn                   = aws_iam_role.this.arn
    executionRoleArn             = aws_iam_role.this.arn
    resourceRequirements         = [{ type = "VCPU", value = "1" }, { type = "MEMORY", value = "2048" }]
    networkConfiguration         = { assignPublicIp = "DISABLED" }
    fargatePlatformConfiguration = { platformVersion = "LATEST" }
    environment                  = [{ name = "MLFLOW_TRACKING_URI", value = "http://mlflow" }]
    logConfiguration = {
      logDriver = "awslogs"
      options   = { "awslogs-group" = aws_cloudwatch_log_group.this.name, "awslogs-stream-prefix" = "train" }
    }
  })
  retry_strategy {
    attempts = 3
    evaluate_on_exit {
      on_status_reason = "Host EC2*"
      action           = "RETRY"
    }
    evaluate_on_exit {
      on_reason = "*"
      action    = "EXIT"
    }
  }
  timeout {
    attempt_duration_seconds = 3600
  }
}

resource "aws_sagemaker_model" "this" {
  for_each           = var.images
  name               = "model-${each.key}"
  execution_role_arn = aws_iam_role.this.arn
  primary_container {
    image       = each.value
    environment = { MODEL_VERSION = each.key }
  }
}

resource "aws_sagemaker_endpoint_configuration" "this" {
  for_each = var.images
  name     = "release-${each.key}"
  production_variants {
    variant_name           = "AllTraffic"
    model_name             = aws_sagemaker_model.this[each.key].name
    instance_type          = "ml.m6i.large"
    initial_instance_count = 1
    initial_variant_weight = 1
  }
}

resource "aws_sagemaker_endpoint_configuration" "serverless" {
  name = "serverless"
  production_variants {
    variant_name = "AllTraffic"
    model_name   = aws_sagemaker_model.this[var.live].name
    serverless_config {
      memory_size_in_mb = 2048
      max_concurrency   = 5
    }
  }
}

resource "aws_sagemaker_endpoint" "this" {
  name                 = "endpoint"
  endpoint_config_name = aws_sagemaker_endpoint_configuration.this[var.live].name
  tags                 = { live = var.live }
  deployment_config {
    blue_green_update_policy {
      traffic_routing_configuration {
        type                     = "ALL_AT_ONCE"
        wait_interval_in_seconds = 0
      }
      termination_wait_in_seconds = 0
    }
    auto_rollback_configuration {
      alarms {
        alarm_name = aws_cloudwatch_metric_alarm.errors.alarm_name
      }
    }
  }
}

resource "aws_sagemaker_endpoint" "serverless" {
  name                 = "serverless"
  endpoint_config_name = aws_sagemaker_endpoint_configuration.serverless.name
}

resource "aws_cloudwatch_metric_alarm" "errors" {
  alarm_name          = "errors"
  namespace           = "AWS/SageMaker"
  metric_name         = "Invocation5XXErrors"
  dimensions          = { EndpointName = "endpoint", VariantName = "AllTraffic" }
  statistic           = "Sum"
  period              = 60
  evaluation_periods  = 1
  threshold           = 5
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
}

resource "aws_appautoscaling_target" "this" {
  min_capacity       = 1
  max_capacity       = 4
  resource_id        = "endpoint/${aws_sagemaker_endpoint.this.name}/variant/AllTraffic"
  scalable_dimension = "sagemaker:variant:DesiredInstanceCount"
  service_namespace  = "sagemaker"
}
