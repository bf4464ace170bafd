# What exists in AWS although this state does not know it: a run that was killed between making a thing and writing the
# state leaves it behind. It is imported, not made again; that changes nothing in AWS.

import {
  for_each = setintersection(var.adopt, ["aws_ecr_repository.training"])
  to       = aws_ecr_repository.training
  id       = "${local.prefix}/${var.project}/training"
}

import {
  for_each = setintersection(var.adopt, ["aws_iam_role.execution"])
  to       = aws_iam_role.execution
  id       = "${local.name}-training-exec"
}

import {
  for_each = setintersection(var.adopt, ["aws_iam_role.job"])
  to       = aws_iam_role.job
  id       = "${local.name}-training-job"
}

import {
  for_each = setintersection(var.adopt, ["aws_cloudwatch_log_group.training"])
  to       = aws_cloudwatch_log_group.training
  id       = "/${var.platform}/${var.environment}/${var.project}/training"
}

import {
  for_each = setintersection(var.adopt, ["aws_iam_role.schedule[0]"])
  to       = aws_iam_role.schedule[0]
  id       = "${local.name}-schedule"
}
