# Who talked to whom in the VPC of our own, refused traffic included.

resource "aws_cloudwatch_log_group" "flow" {
  count = local.own_network ? 1 : 0

  name              = "/${var.platform}/${var.environment}/training/flow"
  retention_in_days = 90
}

resource "aws_iam_role" "flow" {
  count = local.own_network ? 1 : 0

  name        = "${local.prefix}-training-flow-logs"
  description = "Writes the flow logs of ${local.prefix}-training"

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
  count = local.own_network ? 1 : 0

  name = "write-flow-logs"
  role = aws_iam_role.flow[0].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Write"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
        Resource = [aws_cloudwatch_log_group.flow[0].arn, "${aws_cloudwatch_log_group.flow[0].arn}:*"]
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

resource "aws_flow_log" "training" {
  count = local.own_network ? 1 : 0

  vpc_id          = aws_vpc.training[0].id
  traffic_type    = "ALL"
  log_destination = aws_cloudwatch_log_group.flow[0].arn
  iam_role_arn    = aws_iam_role.flow[0].arn

  tags = {
    Name = "${local.prefix}-training"
  }

  depends_on = [aws_iam_role_policy.flow]
}
