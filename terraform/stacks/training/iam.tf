locals {
  trust_tasks = {
    Effect    = "Allow"
    Principal = { Service = "ecs-tasks.amazonaws.com" }
    Action    = "sts:AssumeRole"
  }
}

# https://docs.aws.amazon.com/batch/latest/userguide/specifying-sensitive-data.html. Secrets Manager ends each ARN with a
# hyphen and six characters of its own; of a key in a secret, `:key::` is no part of the ARN. Of a secret that is not there
# it knows no such ARN, and decides on the one that it was asked for: without that one, what is missing would pass for a
# denial, which is waited for.
locals {
  of_parameters = distinct([for arn in values(var.secrets) : arn if strcontains(arn, ":ssm:")])
  of_secrets    = distinct([for arn in values(var.secrets) : join(":", slice(split(":", arn), 0, 7)) if strcontains(arn, ":secretsmanager:")])

  may_read = [for statement in [
    { Sid = "Parameters", Effect = "Allow", Action = "ssm:GetParameters", Resource = local.of_parameters },
    { Sid = "Secrets", Effect = "Allow", Action = "secretsmanager:GetSecretValue", Resource = flatten([for arn in local.of_secrets : [arn, "${arn}-??????"]]) },
  ] : statement if length(statement.Resource) > 0]
}

# Starts the container: pulls the image, opens the log stream.
resource "aws_iam_role" "execution" {
  name               = "${local.name}-training-exec"
  description        = "Starts the training jobs of ${local.name}"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [local.trust_tasks] })
}

resource "aws_iam_role_policy" "execution" {
  name = "start-jobs"
  role = aws_iam_role.execution.id

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
        Resource = aws_ecr_repository.training.arn
      },
      {
        Sid      = "Log"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "${aws_cloudwatch_log_group.training.arn}:*"
      },
    ], local.may_read)
  })
}

# Is the container: what the project's own code may do.
resource "aws_iam_role" "job" {
  name        = "${local.name}-training-job"
  description = "What the training jobs of ${local.name} may do"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [merge(local.trust_tasks, {
      Condition = {
        StringEquals = { "aws:SourceAccount" = local.account }
        ArnLike      = { "aws:SourceArn" = "arn:${local.partition}:ecs:${local.arn_suffix}:*" }
      }
    })]
  })
}

# The project's own policy, when it has one, in the place of the default.
resource "aws_iam_role_policy" "job" {
  name   = "training-jobs"
  role   = aws_iam_role.job.id
  policy = var.policy == "" ? local.default_policy : var.policy
}
