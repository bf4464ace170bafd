# What all projects share: Batch pools and their launch templates, alerts, alarms and dashboards.

locals {
  batch            = [for kind in ["compute-environment", "job-definition", "job-queue"] : "${local.arn.batch}:${kind}/${local.prefix}-*"]
  launch_templates = ["${local.arn.ec2}:launch-template/*"]

  alarms     = ["${local.arn.cloudwatch}:alarm:${local.prefix}-*"]
  dashboards = [for name in [local.prefix, "${local.prefix}-*"] : "arn:${local.partition}:cloudwatch::${local.account}:dashboard/${name}"]
  rules      = "${local.arn.events}:rule/${local.prefix}-*"
  topics     = "${local.arn.sns}:${local.prefix}-*"
  alerts     = concat(local.alarms, local.dashboards, [local.rules, local.topics])

  platform = [
    {
      Sid    = "Pools"
      Effect = "Allow"
      Action = [
        "batch:CreateComputeEnvironment",
        "batch:CreateJobQueue",
        "batch:DeleteComputeEnvironment",
        "batch:DeleteJobQueue",
        "batch:TagResource",
        "batch:UntagResource",
        "batch:UpdateComputeEnvironment",
        "batch:UpdateJobQueue",
      ]
      Resource = local.batch
    },
    {
      Sid       = "MakeLaunchTemplates"
      Effect    = "Allow"
      Action    = "ec2:CreateLaunchTemplate"
      Resource  = local.launch_templates
      Condition = local.becomes_ours
    },
    {
      Sid    = "LaunchTemplates"
      Effect = "Allow"
      Action = [
        "ec2:CreateLaunchTemplateVersion",
        "ec2:CreateTags",
        "ec2:DeleteLaunchTemplate",
        "ec2:DeleteLaunchTemplateVersions",
        "ec2:DeleteTags",
        "ec2:ModifyLaunchTemplate",
      ]
      Resource  = local.launch_templates
      Condition = local.ours
    },
    {
      Sid    = "Topics"
      Effect = "Allow"
      Action = [
        "sns:CreateTopic",
        "sns:DeleteTopic",
        "sns:ListSubscriptionsByTopic",
        "sns:SetTopicAttributes",
        "sns:Subscribe",
        "sns:TagResource",
        "sns:UntagResource",
      ]
      Resource = local.topics
    },
    {
      # AWS knows no resource for these; whoever asks must know the id of a subscription.
      Sid      = "Subscriptions"
      Effect   = "Allow"
      Action   = ["sns:SetSubscriptionAttributes", "sns:Unsubscribe"]
      Resource = "*"
    },
    {
      Sid    = "Rules"
      Effect = "Allow"
      Action = [
        "events:DeleteRule",
        "events:DisableRule",
        "events:EnableRule",
        "events:PutRule",
        "events:PutTargets",
        "events:RemoveTargets",
        "events:TagResource",
        "events:UntagResource",
      ]
      Resource = local.rules
    },
    {
      Sid    = "Alarms"
      Effect = "Allow"
      Action = [
        "cloudwatch:DeleteAlarms",
        "cloudwatch:PutMetricAlarm",
        "cloudwatch:TagResource",
        "cloudwatch:UntagResource",
      ]
      Resource = concat(local.alarms, local.scaling_alarms)
    },
    {
      Sid      = "Dashboards"
      Effect   = "Allow"
      Action   = ["cloudwatch:DeleteDashboards", "cloudwatch:PutDashboard"]
      Resource = local.dashboards
    },
  ]
}
