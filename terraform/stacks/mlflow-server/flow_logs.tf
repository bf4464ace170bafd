resource "aws_cloudwatch_log_group" "flow" {
  name              = "/${var.platform}/${var.environment}/mlflow/flow"
  retention_in_days = var.log_retention_days
}

resource "aws_iam_role" "flow" {
  name        = "${local.name}-flow-logs"
  description = "Writes the flow logs of ${local.name}"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "vpc-flow-logs.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = {
        StringEquals = { "aws:SourceAccount" = local.account }
        ArnLike      = { "aws:SourceArn" = "arn:${local.partition}:ec2:${local.arn_suffix}:vpc-flow-log/*" }
      }
    }]
  })
}

resource "aws_iam_role_policy" "flow" {
  name = "write-flow-logs"
  role = aws_iam_role.flow.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Write"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
        Resource = [aws_cloudwatch_log_group.flow.arn, "${aws_cloudwatch_log_group.flow.arn}:*"]
      },
      {
        # AWS knows no resource for this one: with an ARN, be it of all groups, it may never be allowed.
        # https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html
        Sid      = "Find"
        Effect   = "Allow"
        Action   = "logs:DescribeLogGroups"
        Resource = "*"
      },
    ]
  })
}

resource "aws_flow_log" "mlflow" {
  vpc_id          = aws_vpc.mlflow.id
  traffic_type    = "ALL"
  log_destination = aws_cloudwatch_log_group.flow.arn
  iam_role_arn    = aws_iam_role.flow.arn

  tags = {
    Name = local.name
  }

  depends_on = [aws_iam_role_policy.flow]
}
