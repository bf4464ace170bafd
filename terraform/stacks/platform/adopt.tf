# What exists in AWS although this state does not know it: a run that was killed between making a thing and writing the
# state leaves it behind. It is imported, not made again; that changes nothing in AWS. Only what AWS refuses to make twice
# under one name is here.

import {
  for_each = setintersection(var.adopt, ["aws_iam_role.instance"])
  to       = aws_iam_role.instance
  id       = "${local.prefix}-batch-instance"
}

# Its id, which is no name, is looked up.
data "aws_launch_template" "adopted" {
  count = contains(var.adopt, "aws_launch_template.training") ? 1 : 0
  name  = "${local.prefix}-training"
}

import {
  for_each = setintersection(var.adopt, ["aws_launch_template.training"])
  to       = aws_launch_template.training
  id       = one(data.aws_launch_template.adopted[*].id)
}

import {
  for_each = { for pool in keys(merge(local.serverless_pools, local.instance_pools)) : pool => pool if contains(var.adopt, "aws_batch_job_queue.pool[\"${pool}\"]") }
  to       = aws_batch_job_queue.pool[each.key]
  id       = "arn:${local.partition}:batch:${local.arn_suffix}:job-queue/${local.prefix}-${each.key}"
}

import {
  for_each = setintersection(var.adopt, ["aws_iam_role.flow[0]"])
  to       = aws_iam_role.flow[0]
  id       = "${local.prefix}-training-flow-logs"
}

import {
  for_each = setintersection(var.adopt, ["aws_cloudwatch_log_group.flow[0]"])
  to       = aws_cloudwatch_log_group.flow[0]
  id       = "/${var.platform}/${var.environment}/training/flow"
}
