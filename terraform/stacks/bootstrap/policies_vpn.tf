# The client VPN: its endpoint, its certificates and the authority that signs them.

locals {
  vpn_endpoints = ["${local.arn.ec2}:client-vpn-endpoint/*"]
  certificates  = "${local.arn.acm}:certificate/*"

  # Before it exists, AWS asks for its bare name; afterwards six letters of AWS's own follow.
  authority = "${local.arn.secretsmanager}:secret:${local.prefix}-vpn-authority*"

  vpn = [
    {
      Sid       = "MakeEndpoints"
      Effect    = "Allow"
      Action    = "ec2:CreateClientVpnEndpoint"
      Resource  = local.vpn_endpoints
      Condition = local.becomes_ours
    },
    {
      Sid       = "MakeEndpointsInOurs"
      Effect    = "Allow"
      Action    = "ec2:CreateClientVpnEndpoint"
      Resource  = [local.network_kinds.security-group, local.network_kinds.vpc]
      Condition = local.ours
    },
    {
      Sid    = "Endpoints"
      Effect = "Allow"
      Action = [
        "ec2:ApplySecurityGroupsToClientVpnTargetNetwork",
        "ec2:AssociateClientVpnTargetNetwork",
        "ec2:AuthorizeClientVpnIngress",
        "ec2:CreateTags",
        "ec2:DeleteClientVpnEndpoint",
        "ec2:DeleteTags",
        "ec2:DescribeClientVpnConnections",
        "ec2:DisassociateClientVpnTargetNetwork",
        "ec2:ExportClientVpnClientConfiguration",
        "ec2:ImportClientVpnClientCertificateRevocationList",
        "ec2:ModifyClientVpnEndpoint",
        "ec2:RevokeClientVpnIngress",
        "ec2:TerminateClientVpnConnections",
      ]
      Resource  = concat(local.vpn_endpoints, [for kind in ["security-group", "subnet", "vpc"] : local.network_kinds[kind]])
      Condition = local.ours
    },
    {
      # AWS knows no resource for this one.
      Sid      = "FindCertificates"
      Effect   = "Allow"
      Action   = "acm:ListCertificates"
      Resource = "*"
    },
    {
      Sid       = "MakeCertificates"
      Effect    = "Allow"
      Action    = ["acm:AddTagsToCertificate", "acm:ImportCertificate"]
      Resource  = local.certificates
      Condition = merge(local.becomes_ours, { Null = { "aws:ResourceTag/reconciler:platform" = "true" } })
    },
    {
      Sid    = "Certificates"
      Effect = "Allow"
      Action = [
        "acm:AddTagsToCertificate",
        "acm:DescribeCertificate",
        "acm:GetCertificate",
        "acm:ImportCertificate",
      ]
      Resource  = local.certificates
      Condition = local.ours
    },
    {
      # Whoever reads it can let people in: the plan role cannot. Deleting it is for a person.
      Sid    = "Authority"
      Effect = "Allow"
      Action = [
        "secretsmanager:CreateSecret",
        "secretsmanager:DescribeSecret",
        "secretsmanager:GetSecretValue",
        "secretsmanager:PutSecretValue",
        "secretsmanager:TagResource",
        "secretsmanager:UpdateSecretVersionStage",
      ]
      Resource = local.authority
    },
  ]
}
