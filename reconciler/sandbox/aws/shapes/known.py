"""Where AWS itself differs from its models, and where the sandbox does, each with its reason.

What tests see beyond these fails them, and what stands here and is no longer seen does, too.
"""

from collections.abc import Mapping
from fnmatch import fnmatchcase

from reconciler.sandbox.aws.shapes.record import Seen

VPC_ENDPOINTS = "AWS writes the states in lower case: https://github.com/aws/aws-sdk-go-v2/issues/2864"
ZONES = "AWS's own ids, such as /hostedzone/Z01155763Q6AN7CEI3AP6, are longer than its model: 32 are without the path"
ACTION = (
    "https://docs.aws.amazon.com/batch/latest/APIReference/API_EvaluateOnExit.html: the values aren't case sensitive"
)

ACCEPTED: Mapping[str, str] = {
    "batch:RegisterJobDefinition request enum retryStrategy.evaluateOnExit[].action": ACTION,
}
"""What AWS takes although its model says otherwise."""

ANSWERED: Mapping[str, str] = {
    "*:* answer code NotImplemented": "so the sandbox tells what it has not, and AWS has",
    "batch:DescribeJob* answer enum job*[].retryStrategy.evaluateOnExit[].action": ACTION,
    "batch:DescribeJobs answer missing jobs[].startedAt": "a job that has not begun has no such moment",
    "ec2:CreateVpcEndpoint answer enum VpcEndpoint.State": VPC_ENDPOINTS,
    "ec2:DescribeVpcEndpoints answer enum VpcEndpoints[].State": VPC_ENDPOINTS,
    "ec2:DescribeInternetGateways answer enum InternetGateways[].Attachments[].State": (
        "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InternetGatewayAttachment.html: it is `available`"
    ),
    "route53:ListHostedZones answer missing Marker": (
        "https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListHostedZones.html: of second and later pages"
    ),
    "route53:*HostedZone* answer length HostedZone*.Id": ZONES,
}
"""In what the sandbox's answers differ."""


def accepted(one: Seen) -> bool:
    """Whether AWS takes this although its model does not."""
    return any(matches(one.key, form) for form in ACCEPTED)


def reason(key: str) -> str:
    """Why a difference may be, by `Seen.key`; empty when it may not."""
    return next((why for form, why in {**ACCEPTED, **ANSWERED}.items() if matches(key, form)), "")


def matches(key: str, form: str) -> bool:
    """Whether a difference is one of an entry's; a bracket is no pattern."""
    return fnmatchcase(key, form.replace("[", "[[]"))
