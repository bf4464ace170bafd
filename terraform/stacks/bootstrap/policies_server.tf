# The MLflow server: its database, its container service, its load balancer and its name.

locals {
  containers = [for kind in ["cluster", "service", "task-definition"] : "${local.arn.ecs}:${kind}/${local.prefix}-*"]
  balancers  = [for kind in ["listener/app", "loadbalancer/app", "targetgroup"] : "${local.arn.elasticloadbalancing}:${kind}/${local.prefix}-*"]
  database   = [for kind in ["db", "pg", "subgrp"] : "${local.arn.rds}:${kind}:${local.prefix}-*"]
  zones      = "arn:${local.partition}:route53:::hostedzone/*"

  server = [
    {
      # Deleting the database is for a person, not for a merge.
      Sid    = "Database"
      Effect = "Allow"
      Action = [
        "rds:AddTagsToResource",
        "rds:CreateDBInstance",
        "rds:CreateDBParameterGroup",
        "rds:CreateDBSubnetGroup",
        "rds:DeleteDBParameterGroup",
        "rds:DeleteDBSubnetGroup",
        "rds:ModifyDBInstance",
        "rds:ModifyDBParameterGroup",
        "rds:ModifyDBSubnetGroup",
        "rds:RemoveTagsFromResource",
        "rds:ResetDBParameterGroup",
      ]
      Resource = local.database
    },
    {
      # AWS's own, which every instance without another one has.
      Sid      = "DatabaseDefaults"
      Effect   = "Allow"
      Action   = ["rds:CreateDBInstance", "rds:ModifyDBInstance"]
      Resource = ["${local.arn.rds}:og:default:*", "${local.arn.rds}:pg:default.*"]
    },
    {
      # RDS makes the password, in our name; nobody here reads it.
      Sid      = "DatabasePassword"
      Effect   = "Allow"
      Action   = ["secretsmanager:CreateSecret", "secretsmanager:RotateSecret", "secretsmanager:TagResource"]
      Resource = "${local.arn.secretsmanager}:secret:rds!db-*"
    },
    {
      # RDS asks, in our name, what the key of that secret is: AWS's own for Secrets Manager, whose id every account chooses
      # itself, and whose alias a new account may not have yet. The settings of a key, never what it opens.
      # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html#rds-secrets-manager-permissions
      Sid      = "DatabasePasswordKey"
      Effect   = "Allow"
      Action   = "kms:DescribeKey"
      Resource = "${local.arn.kms}:key/*"
    },
    {
      Sid    = "Containers"
      Effect = "Allow"
      Action = [
        "ecs:CreateCluster",
        "ecs:CreateService",
        "ecs:DeleteCluster",
        "ecs:DeleteService",
        "ecs:RegisterTaskDefinition",
        "ecs:TagResource",
        "ecs:UntagResource",
        "ecs:UpdateCluster",
        "ecs:UpdateClusterSettings",
        "ecs:UpdateService",
      ]
      Resource = local.containers
    },
    {
      # AWS knows no resource for this one. It ends a revision for new services; running ones keep it.
      Sid      = "EndTaskDefinitions"
      Effect   = "Allow"
      Action   = "ecs:DeregisterTaskDefinition"
      Resource = "*"
    },
    {
      Sid    = "Balancers"
      Effect = "Allow"
      Action = [
        "elasticloadbalancing:AddTags",
        "elasticloadbalancing:CreateListener",
        "elasticloadbalancing:CreateLoadBalancer",
        "elasticloadbalancing:CreateTargetGroup",
        "elasticloadbalancing:DeleteListener",
        "elasticloadbalancing:DeleteLoadBalancer",
        "elasticloadbalancing:DeleteTargetGroup",
        "elasticloadbalancing:ModifyListener",
        "elasticloadbalancing:ModifyListenerAttributes",
        "elasticloadbalancing:ModifyLoadBalancerAttributes",
        "elasticloadbalancing:ModifyTargetGroup",
        "elasticloadbalancing:ModifyTargetGroupAttributes",
        "elasticloadbalancing:RemoveTags",
        "elasticloadbalancing:SetSecurityGroups",
        "elasticloadbalancing:SetSubnets",
      ]
      Resource = local.balancers
    },
    {
      # A load balancer asks, in our name, which groups it may have (kubernetes-sigs/aws-load-balancer-controller#3917).
      Sid       = "BalancersInOurs"
      Effect    = "Allow"
      Action    = "ec2:GetSecurityGroupsForVpc"
      Resource  = local.network_kinds.vpc
      Condition = local.ours
    },
    {
      # AWS knows no resource for this one. Deleting a zone is for a person: Route 53 shows a policy no tags.
      Sid      = "MakeZones"
      Effect   = "Allow"
      Action   = "route53:CreateHostedZone"
      Resource = "*"
    },
    {
      Sid      = "TagZones"
      Effect   = "Allow"
      Action   = "route53:ChangeTagsForResource"
      Resource = local.zones
    },
    {
      # A zone's id is Route 53's: the names in it are ours.
      Sid      = "Records"
      Effect   = "Allow"
      Action   = "route53:ChangeResourceRecordSets"
      Resource = local.zones
      Condition = {
        "ForAllValues:StringLike" = {
          "route53:ChangeResourceRecordSetsNormalizedRecordNames" = ["${local.prefix}.internal", "*.${local.prefix}.internal"]
        }
      }
    },
    {
      Sid      = "AwaitRecords"
      Effect   = "Allow"
      Action   = "route53:GetChange"
      Resource = "arn:${local.partition}:route53:::change/*"
    },
  ]
}
