# What exists in AWS although this state does not know it: a run that was killed between making a thing and writing the
# state leaves it behind. It is imported, not made again; that changes nothing in AWS.

import {
  for_each = setintersection(var.adopt, ["aws_sagemaker_endpoint.live[0]"])
  to       = aws_sagemaker_endpoint.live[0]
  id       = local.name
}

import {
  for_each = { for name in keys(local.releases) : name => name if contains(var.adopt, "aws_sagemaker_model.release[\"${name}\"]") }
  to       = aws_sagemaker_model.release[each.key]
  id       = "${local.name}-${each.key}"
}

import {
  for_each = { for name in keys(local.releases) : name => name if contains(var.adopt, "aws_sagemaker_endpoint_configuration.release[\"${name}\"]") }
  to       = aws_sagemaker_endpoint_configuration.release[each.key]
  id       = "${local.name}-${each.key}"
}

import {
  for_each = setintersection(var.adopt, ["aws_ecr_repository.model"])
  to       = aws_ecr_repository.model
  id       = "${local.prefix}/${var.project}/model"
}

import {
  for_each = setintersection(var.adopt, ["aws_iam_role.serving"])
  to       = aws_iam_role.serving
  id       = "${local.name}-serving"
}

import {
  for_each = setintersection(var.adopt, ["aws_cloudwatch_log_group.endpoint"])
  to       = aws_cloudwatch_log_group.endpoint
  id       = "/aws/sagemaker/Endpoints/${local.name}"
}

import {
  for_each = setintersection(var.adopt, ["aws_s3_bucket.data[0]"])
  to       = aws_s3_bucket.data[0]
  id       = local.bucket
}
