"""Which members of a request fill the placeholders of an ARN."""

import re
from collections.abc import Callable, Mapping

from reconciler.sandbox.aws.iam.leaves import Parameters, values

PARAMETERS: Mapping[str, tuple[str, ...]] = {
    "AlarmName": ("AlarmName", "AlarmNames"),
    "BucketName": ("Bucket",),
    "CertificateId": (),
    "ClusterName": ("cluster", "clusters", "clusterName"),
    "ComputeEnvironmentName": (
        "computeEnvironmentName",
        "computeEnvironment",
        "computeEnvironmentOrder.computeEnvironment",
    ),
    "DashboardName": ("DashboardName", "DashboardNames"),
    "DbInstanceName": ("DBInstanceIdentifier",),
    "GroupName": ("groupName",),
    "Id": ("Id", "HostedZoneId", "ResourceId"),
    "InstanceProfileNameWithPath": ("InstanceProfileName",),
    "JobDefinitionName": ("jobDefinitionName", "jobDefinition"),
    "JobQueueName": ("jobQueueName", "jobQueue"),
    "KeyId": ("KeyId",),
    "LoadBalancerName": ("Name",),
    "LogGroupName": ("logGroupName", "logGroupNamePrefix"),
    "LogStreamName": ("logStreamName",),
    "ObjectName": ("Key",),
    "ParameterGroupName": ("DBParameterGroupName",),
    "ParameterNameWithoutLeadingSlash": ("Name", "Names", "Path"),
    "PolicyNameWithPath": ("PolicyName",),
    "RepositoryName": ("repositoryName", "repositoryNames"),
    "RoleNameWithPath": ("RoleName",),
    "RuleName": ("Rule", "Name"),
    "ScheduleName": ("Name",),
    "SecretId": ("Name", "SecretId", "SecretIdList"),
    "ServiceName": ("serviceName", "service", "services"),
    "SubnetGroupName": ("DBSubnetGroupName",),
    "TargetGroupName": ("Name",),
    "TaskDefinitionFamilyName": ("family",),
    "TopicName": ("Name",),
}
"""What of a request fills a placeholder of an ARN, where the parameter is not called like it."""


def held(placeholder: str, parameters: Parameters, whole: re.Pattern[str]) -> tuple[str, ...]:
    """What a request says for a placeholder: names, also out of ARNs of other kinds than the `whole` one."""
    paths = PARAMETERS.get(placeholder, (placeholder,))
    found = [text for path in paths for text in values(parameters, path) if not whole.fullmatch(text)]
    shape: Callable[[str], str] = SHAPES.get(placeholder, _short)
    return tuple(shape(text) for text in found if text != UNSAID.get(placeholder)) or DEFAULTS.get(placeholder, ())


def _short(text: str) -> str:
    """The name at the end of an ARN."""
    return text.split(":", 5)[-1].rpartition("/")[2] if text.startswith("arn:") else text


SHAPES: Mapping[str, Callable[[str], str]] = {
    "Id": lambda text: text.rpartition("/")[2],
    "ParameterNameWithoutLeadingSlash": lambda text: text.lstrip("/"),
}
DEFAULTS: Mapping[str, tuple[str, ...]] = {"GroupName": ("default",)}
UNSAID: Mapping[str, str] = {"EventBusName": "default"}
"""Values that an ARN leaves out: rules of the default event bus are `rule/NAME`."""


SAID_BY: Mapping[str, tuple[str, str, str]] = {
    "healthcheck": ("ResourceType", "healthcheck", "hostedzone"),
    "hostedzone": ("ResourceType", "hostedzone", "hostedzone"),
    "loadbalancer/app/": ("Type", "application", "application"),
    "loadbalancer/gwy/": ("Type", "gateway", "application"),
    "loadbalancer/net/": ("Type", "network", "application"),
}
"""Kinds that share their names with others: the parameter that tells them, its value, and what is meant without it."""


def said(kind: str, parameters: Parameters) -> bool:
    """Whether a request means this one of the kinds that share their names."""
    parameter, value, default = SAID_BY.get(kind, ("", "", ""))
    return not parameter or (values(parameters, parameter) or (default,))[0] == value
