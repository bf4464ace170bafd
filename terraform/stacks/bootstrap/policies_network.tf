# Networks of our own, and security groups in networks of others. AWS names all of it: the tags tell what is ours. A
# request that makes something carries them; one that changes something finds them on everything that it touches.

locals {
  network_kinds = {
    for kind in [
      "elastic-ip", "internet-gateway", "natgateway", "route-table", "security-group", "security-group-rule", "subnet",
      "vpc", "vpc-endpoint", "vpc-flow-log",
    ] : kind => "${local.arn.ec2}:${kind}/*"
  }

  # What a request refers to when it makes something else.
  network_hosts = [for kind in ["elastic-ip", "route-table", "security-group", "subnet", "vpc"] : local.network_kinds[kind]]

  network = [
    {
      Sid       = "Make"
      Effect    = "Allow"
      Action    = ["ec2:CreateFlowLogs", "ec2:CreateInternetGateway", "ec2:CreateNatGateway", "ec2:CreateVpcEndpoint"]
      Resource  = [for kind in ["internet-gateway", "natgateway", "vpc-endpoint", "vpc-flow-log"] : local.network_kinds[kind]]
      Condition = local.becomes_ours
    },
    {
      Sid       = "MakeNetworks"
      Effect    = "Allow"
      Action    = ["ec2:AllocateAddress", "ec2:CreateVpc"]
      Resource  = [local.network_kinds.elastic-ip, local.network_kinds.vpc]
      Condition = local.becomes_ours
    },
    {
      Sid       = "MakeParts"
      Effect    = "Allow"
      Action    = ["ec2:CreateRouteTable", "ec2:CreateSecurityGroup", "ec2:CreateSubnet"]
      Resource  = [for kind in ["route-table", "security-group", "subnet"] : local.network_kinds[kind]]
      Condition = local.becomes_ours
    },
    {
      Sid    = "MakeInOurs"
      Effect = "Allow"
      Action = [
        "ec2:CreateFlowLogs",
        "ec2:CreateNatGateway",
        "ec2:CreateRouteTable",
        "ec2:CreateSubnet",
        "ec2:CreateVpcEndpoint",
      ]
      Resource  = local.network_hosts
      Condition = local.ours
    },
    {
      # The jobs' group may stand in a VPC of somebody else: the default one, or one that was given.
      Sid      = "MakeGroupsAnywhere"
      Effect   = "Allow"
      Action   = "ec2:CreateSecurityGroup"
      Resource = local.network_kinds.vpc
    },
    {
      Sid    = "Change"
      Effect = "Allow"
      Action = [
        "ec2:AssociateRouteTable",
        "ec2:AttachInternetGateway",
        "ec2:AuthorizeSecurityGroupEgress",
        "ec2:AuthorizeSecurityGroupIngress",
        "ec2:CreateRoute",
        "ec2:CreateTags",
        "ec2:DeleteFlowLogs",
        "ec2:DeleteInternetGateway",
        "ec2:DeleteNatGateway",
        "ec2:DeleteRoute",
        "ec2:DeleteRouteTable",
        "ec2:DeleteSecurityGroup",
        "ec2:DeleteSubnet",
        "ec2:DeleteTags",
        "ec2:DeleteVpc",
        "ec2:DeleteVpcEndpoints",
        "ec2:DetachInternetGateway",
        "ec2:DisassociateAddress",
        "ec2:DisassociateRouteTable",
        "ec2:ModifySecurityGroupRules",
        "ec2:ModifySubnetAttribute",
        "ec2:ModifyVpcAttribute",
        "ec2:ModifyVpcEndpoint",
        "ec2:ReleaseAddress",
        "ec2:ReplaceRoute",
        "ec2:ReplaceRouteTableAssociation",
        "ec2:RevokeSecurityGroupEgress",
        "ec2:RevokeSecurityGroupIngress",
      ]
      Resource  = values(local.network_kinds)
      Condition = local.ours
    },
    {
      # A rule that is being made has no tags yet; its group, which must be ours as well, has.
      Sid      = "MakeRules"
      Effect   = "Allow"
      Action   = ["ec2:AuthorizeSecurityGroupEgress", "ec2:AuthorizeSecurityGroupIngress"]
      Resource = local.network_kinds.security-group-rule
    },
    {
      Sid      = "TagWhatIsMade"
      Effect   = "Allow"
      Action   = "ec2:CreateTags"
      Resource = concat(values(local.network_kinds), local.launch_templates, local.vpn_endpoints)
      Condition = {
        StringEquals = {
          "ec2:CreateAction" = [
            "AllocateAddress",
            "AuthorizeSecurityGroupEgress",
            "AuthorizeSecurityGroupIngress",
            "CreateClientVpnEndpoint",
            "CreateFlowLogs",
            "CreateInternetGateway",
            "CreateLaunchTemplate",
            "CreateNatGateway",
            "CreateRouteTable",
            "CreateSecurityGroup",
            "CreateSubnet",
            "CreateVpc",
            "CreateVpcEndpoint",
          ]
        }
      }
    },
    {
      # AWS makes a VPC's default group without tags; it is closed by tagging it first. Groups of another platform or
      # environment are out of reach, groups that nobody tagged are not.
      Sid      = "AdoptDefaultGroups"
      Effect   = "Allow"
      Action   = "ec2:CreateTags"
      Resource = local.network_kinds.security-group
      Condition = merge(local.becomes_ours, {
        Null = { "aws:ResourceTag/reconciler:platform" = "true" }
      })
    },
  ]
}
