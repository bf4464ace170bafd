"""Actions that AWS checks as the caller beside the operation that was called; roles and tags have modules of their own.

The Service Authorization Reference lists some under "Dependent actions". Others are in a service's own guide, or in the
report of somebody whose narrower policy was refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from reconciler.sandbox.aws.iam.leaves import Parameters

REFERENCE = "https://docs.aws.amazon.com/service-authorization/latest/reference/"
LINKED = "iam:CreateServiceLinkedRole"
"""Asked for by the first request of an account that needs such a role; whoever may not make it, is refused."""
SCALING = "application-autoscaling:RegisterScalableTarget"


@dataclass(frozen=True, slots=True)
class Dependent:
    """Something else that the caller has to be allowed."""

    action: str
    on: str
    """ARN, with `{region}` and `{account}` to fill in; `{…}` of any other name is an id of AWS's own."""
    source: str
    when: str = ""
    """Member of the request that asks for it, when it is there and not false; empty: every request does."""
    context: Mapping[str, str] = field(default_factory=dict)
    """Condition keys that come with it."""


def dependent(operation: str, parameters: Parameters) -> tuple[Dependent, ...]:
    """What a call of `service:Operation` asks for beside itself."""
    sent = {name.lower(): value for name, value in parameters.items()}
    if operation == SCALING:
        return SCALED.get(str(sent.get("servicenamespace")), ())
    return tuple(one for one in DEPENDENT.get(operation, ()) if not one.when or _says(sent.get(one.when.lower())))


def _says(value: object) -> bool:
    return bool(value) and str(value).lower() != "false"


def _linked(service: str, source: str) -> Dependent:
    on = f"arn:aws:iam::{{account}}:role/aws-service-role/{service}/{{Name}}"
    return Dependent(LINKED, on, source, context={"iam:awsservicename": service})


def _all(source: str, on: str, *actions: str, when: str = "") -> tuple[Dependent, ...]:
    return tuple(Dependent(action, on, source, when) for action in actions)


RDS_GUIDE = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/"
SCALING_GUIDE = "https://docs.aws.amazon.com/autoscaling/application/userguide/"

_SECRETS = f"{RDS_GUIDE}rds-secrets-manager.html#rds-secrets-manager-permissions"
_KEY = "arn:aws:kms:{region}:{account}:key/{KeyId}"
_SECRET = "arn:aws:secretsmanager:{region}:{account}:secret:rds!db-{DbiResourceId}"  # noqa: S105 - a name
_GROUPS = "https://github.com/kubernetes-sigs/aws-load-balancer-controller/issues/3917"
_VPC = "arn:aws:ec2:{region}:{account}:vpc/{VpcId}"
_SCALING = f"{SCALING_GUIDE}security_iam_id-based-policy-examples.html#application-auto-scaling-additional-permissions"
_TRACKING = "arn:aws:cloudwatch:{region}:{account}:alarm:TargetTracking-{ResourceId}-{AlarmName}"

DEPENDENT: Mapping[str, tuple[Dependent, ...]] = {
    "application-autoscaling:DeleteScalingPolicy": _all(_SCALING, _TRACKING, "cloudwatch:DeleteAlarms"),
    "application-autoscaling:PutScalingPolicy": _all(
        _SCALING,
        _TRACKING,
        "cloudwatch:DescribeAlarms",
        "cloudwatch:PutMetricAlarm",
        when="TargetTrackingScalingPolicyConfiguration",
    ),
    "batch:CreateComputeEnvironment": (
        _linked(
            "batch.amazonaws.com", "https://docs.aws.amazon.com/batch/latest/userguide/using-service-linked-roles.html"
        ),
    ),
    "ec2:CreateClientVpnEndpoint": (
        _linked(
            "clientvpn.amazonaws.com",
            "https://docs.aws.amazon.com/vpn/latest/clientvpn-admin/using-service-linked-roles.html",
        ),
    ),
    "ec2:CreateVpcEndpoint": _all(
        f"{REFERENCE}list_amazonec2.html", "*", "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs"
    ),
    "ecs:CreateCluster": (
        _linked(
            "ecs.amazonaws.com",
            "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using-service-linked-roles.html",
        ),
    ),
    "elasticloadbalancing:CreateLoadBalancer": (
        Dependent("ec2:GetSecurityGroupsForVpc", _VPC, _GROUPS, when="SecurityGroups"),
        _linked(
            "elasticloadbalancing.amazonaws.com",
            "https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/elb-service-linked-roles.html",
        ),
    ),
    "elasticloadbalancing:SetSecurityGroups": (Dependent("ec2:GetSecurityGroupsForVpc", _VPC, _GROUPS),),
    "rds:CreateDBInstance": (
        *_all(_SECRETS, _KEY, "kms:DescribeKey", when="ManageMasterUserPassword"),
        *_all(
            _SECRETS,
            _SECRET,
            "secretsmanager:CreateSecret",
            "secretsmanager:TagResource",
            when="ManageMasterUserPassword",
        ),
        _linked("rds.amazonaws.com", f"{RDS_GUIDE}UsingWithRDS.IAM.ServiceLinkedRoles.html"),
    ),
    "rds:ModifyDBInstance": (
        *_all(_SECRETS, _KEY, "kms:DescribeKey", when="ManageMasterUserPassword"),
        *_all(
            _SECRETS,
            _SECRET,
            "secretsmanager:CreateSecret",
            "secretsmanager:TagResource",
            when="ManageMasterUserPassword",
        ),
        *_all(_SECRETS, _SECRET, "secretsmanager:RotateSecret", when="RotateMasterUserPassword"),
    ),
    "route53:CreateHostedZone": _all(f"{REFERENCE}list_amazonroute53.html", "*", "ec2:DescribeVpcs", when="VPC"),
}
"""By `service:Operation`, save `SCALING`."""

SCALED: Mapping[str, tuple[Dependent, ...]] = {
    "ecs": (
        _linked(
            "ecs.application-autoscaling.amazonaws.com",
            f"{SCALING_GUIDE}application-auto-scaling-service-linked-roles.html",
        ),
        *_all(
            _SCALING,
            "arn:aws:ecs:{region}:{account}:service/{ClusterName}/{ServiceName}",
            "ecs:DescribeServices",
            "ecs:UpdateService",
        ),
    ),
    "sagemaker": (
        _linked(
            "sagemaker.application-autoscaling.amazonaws.com",
            f"{SCALING_GUIDE}application-auto-scaling-service-linked-roles.html",
        ),
        *_all(
            _SCALING,
            "arn:aws:sagemaker:{region}:{account}:endpoint/{EndpointName}",
            "sagemaker:DescribeEndpoint",
            "sagemaker:UpdateEndpointWeightsAndCapacities",
        ),
    ),
}
"""What `SCALING` asks for, by its ServiceNamespace."""
