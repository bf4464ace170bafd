# Training jobs, schedules, endpoints and their scaling.

locals {
  serving   = [for kind in ["endpoint", "endpoint-config", "model"] : "${local.arn.sagemaker}:${kind}/${local.prefix}-*"]
  schedules = "${local.arn.scheduler}:schedule/default/${local.prefix}-*"
  scalable  = "${local.arn.application-autoscaling}:scalable-target/*"
  jobs      = "${local.arn.batch}:job/*"

  # Named by Application Auto Scaling after what it scales.
  scaling_alarms = [
    for scaled in ["endpoint", "service"] : "${local.arn.cloudwatch}:alarm:TargetTracking-${scaled}/${local.prefix}-*"
  ]

  projects = [
    {
      Sid      = "JobDefinitions"
      Effect   = "Allow"
      Action   = ["batch:DeregisterJobDefinition", "batch:RegisterJobDefinition"]
      Resource = "${local.arn.batch}:job-definition/${local.prefix}-*"
    },
    {
      Sid      = "SubmitJobs"
      Effect   = "Allow"
      Action   = "batch:SubmitJob"
      Resource = concat(local.batch, [local.jobs])
    },
    {
      # A job's id is Batch's. Only jobs that are nobody's can be claimed by tagging them.
      Sid      = "TagJobs"
      Effect   = "Allow"
      Action   = "batch:TagResource"
      Resource = local.jobs
      Condition = merge(local.becomes_ours, {
        Null = { "aws:ResourceTag/reconciler:platform" = "true" }
      })
    },
    {
      Sid       = "StopJobs"
      Effect    = "Allow"
      Action    = "batch:TerminateJob"
      Resource  = local.jobs
      Condition = local.ours
    },
    {
      Sid      = "Schedules"
      Effect   = "Allow"
      Action   = ["scheduler:CreateSchedule", "scheduler:DeleteSchedule", "scheduler:UpdateSchedule"]
      Resource = local.schedules
    },
    {
      Sid    = "Serving"
      Effect = "Allow"
      Action = [
        "sagemaker:AddTags",
        "sagemaker:CreateEndpoint",
        "sagemaker:CreateEndpointConfig",
        "sagemaker:CreateModel",
        "sagemaker:DeleteEndpoint",
        "sagemaker:DeleteEndpointConfig",
        "sagemaker:DeleteModel",
        "sagemaker:DeleteTags",
        "sagemaker:UpdateEndpoint",
        "sagemaker:UpdateEndpointWeightsAndCapacities",
      ]
      Resource = local.serving
    },
    {
      # An endpoint that somebody pointed at a configuration of their own is updated there before it is pointed back: its
      # guardrails would otherwise be Terraform's to add, and it makes the endpoint anew for that.
      Sid      = "LeaveConfigurations"
      Effect   = "Allow"
      Action   = "sagemaker:UpdateEndpoint"
      Resource = "${local.arn.sagemaker}:endpoint-config/*"
    },
    {
      Sid       = "MakeScaling"
      Effect    = "Allow"
      Action    = ["application-autoscaling:RegisterScalableTarget", "application-autoscaling:TagResource"]
      Resource  = local.scalable
      Condition = local.becomes_ours
    },
    {
      Sid    = "Scaling"
      Effect = "Allow"
      Action = [
        "application-autoscaling:DeleteScalingPolicy",
        "application-autoscaling:DeregisterScalableTarget",
        "application-autoscaling:PutScalingPolicy",
        "application-autoscaling:RegisterScalableTarget",
        "application-autoscaling:TagResource",
        "application-autoscaling:UntagResource",
      ]
      Resource  = local.scalable
      Condition = local.ours
    },
  ]
}
