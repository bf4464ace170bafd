locals {
  # The provider updates environments in place with these two strategies; with any other it replaces them.
  on_demand = { type = "EC2", allocation_strategy = "BEST_FIT_PROGRESSIVE" }
  spot      = { type = "SPOT", allocation_strategy = "SPOT_CAPACITY_OPTIMIZED" }
  cpu       = { instance_types = ["optimal"], image_type = "ECS_AL2023" }
  gpu       = { instance_types = ["g4dn", "g5"], image_type = "ECS_AL2023_NVIDIA" }

  serverless_pools = {
    fargate      = "FARGATE"
    fargate-spot = "FARGATE_SPOT"
  }

  instance_pools = {
    on-demand     = merge(local.on_demand, local.cpu)
    spot          = merge(local.spot, local.cpu)
    on-demand-gpu = merge(local.on_demand, local.gpu)
    spot-gpu      = merge(local.spot, local.gpu)
  }
}

# An environment cannot be deleted while a queue points at it. Should one ever have to be replaced, the queue moves to
# the new one first: hence no fixed name. Jobs are submitted to queues only, and those keep theirs.

resource "aws_batch_compute_environment" "serverless" {
  for_each = local.serverless_pools

  compute_environment_name_prefix = "${local.prefix}-${each.key}-"
  type                            = "MANAGED"

  compute_resources {
    type               = each.value
    max_vcpus          = var.max_vcpus
    subnets            = local.subnet_ids
    security_group_ids = [aws_security_group.training.id]
  }

  depends_on = [
    aws_route.private,
    aws_route_table_association.private,
    aws_vpc_security_group_egress_rule.training,
  ]

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_batch_compute_environment" "instances" {
  for_each = local.instance_pools

  compute_environment_name_prefix = "${local.prefix}-${each.key}-"
  type                            = "MANAGED"

  compute_resources {
    type                = each.value.type
    allocation_strategy = each.value.allocation_strategy
    instance_type       = each.value.instance_types
    instance_role       = aws_iam_instance_profile.instance.arn
    min_vcpus           = 0
    max_vcpus           = var.max_vcpus
    subnets             = local.subnet_ids
    security_group_ids  = [aws_security_group.training.id]

    launch_template {
      launch_template_id = aws_launch_template.training.id
      version            = aws_launch_template.training.latest_version
    }

    # The provider's default tags stop at the environment; these reach the instances. Not those that a person may change:
    # Batch would replace every instance for that, under running trainings
    # (https://docs.aws.amazon.com/batch/latest/userguide/infrastructure-updates.html).
    tags = merge(local.own_tags, { Name = "${local.prefix}-${each.key}" })

    ec2_configuration {
      image_type = each.value.image_type
    }
  }

  # A running training is given as long as Batch allows to end before its instance is taken away.
  update_policy {
    terminate_jobs_on_update      = false
    job_execution_timeout_minutes = 360
  }

  depends_on = [
    aws_iam_role_policy_attachment.instance,
    aws_route.private,
    aws_route_table_association.private,
    aws_vpc_security_group_egress_rule.training,
  ]

  lifecycle {
    create_before_destroy = true
  }
}
