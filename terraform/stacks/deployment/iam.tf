# Is the container, and starts it: SageMaker knows one role for both. The model is in the image, so none is read from a
# bucket; the log group stands already, so none is made (and none comes back after a retirement).
resource "aws_iam_role" "serving" {
  name        = "${local.name}-serving"
  description = "Serves the models of ${local.name}"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "sagemaker.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.current.account_id } }
    }]
  })
}

resource "aws_iam_role_policy" "serving" {
  name = "serve"
  role = aws_iam_role.serving.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      {
        # AWS knows no resource for this one.
        Sid      = "SignIn"
        Effect   = "Allow"
        Action   = "ecr:GetAuthorizationToken"
        Resource = "*"
      },
      {
        Sid      = "Pull"
        Effect   = "Allow"
        Action   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
        Resource = aws_ecr_repository.model.arn
      },
      {
        Sid      = "Log"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
        Resource = "${aws_cloudwatch_log_group.endpoint.arn}:*"
      },
      {
        # AWS knows no resource for this one either, but a namespace.
        Sid       = "Measure"
        Effect    = "Allow"
        Action    = "cloudwatch:PutMetricData"
        Resource  = "*"
        Condition = { StringEquals = { "cloudwatch:namespace" = ["/aws/sagemaker/Endpoints", "AWS/SageMaker"] } }
      },
      {
        # SageMaker looks as this role at the alarms that roll a release back: a rollout that it cannot watch is refused, or
        # not watched. https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-configuration.html
        Sid      = "WatchRollouts"
        Effect   = "Allow"
        Action   = "cloudwatch:DescribeAlarms"
        Resource = "arn:${data.aws_partition.current.partition}:cloudwatch:${local.arn_suffix}:alarm:${local.name}-*"
      },
    ], local.may_capture, local.may_queue, local.may_join)
  })
}
