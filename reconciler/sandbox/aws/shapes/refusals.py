"""What AWS answers to a request that its model does not allow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from reconciler.sandbox.aws.faults import errors
from reconciler.sandbox.aws.faults.calls import Call, Protocol
from reconciler.sandbox.aws.http import Reply
from reconciler.sandbox.aws.shapes import wording
from reconciler.sandbox.aws.shapes.difference import Difference, Kind
from reconciler.sandbox.aws.shapes.wording import Wording


@dataclass(frozen=True, slots=True)
class Manner:
    """How a service refuses."""

    code: str
    wording: Wording = wording.common
    codes: Mapping[Kind, str] | None = None
    """Where the kind of mistake has a code of its own."""
    strict: bool = False
    """Whether it refuses members that it does not know; most services overlook them."""

    def code_of(self, kind: Kind) -> str:
        """The error's code."""
        return (self.codes or {}).get(kind, self.code)


PLAIN = Manner("ValidationException", codes={Kind.TYPE: "SerializationException"})
"""Services that speak JSON (https://docs.aws.amazon.com/sagemaker/latest/APIReference/CommonErrors.html)."""
QUERY = Manner("ValidationError", codes={Kind.TYPE: "MalformedInput"})
"""Services that speak in queries (https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html)."""
PARAMETER = {Kind.MISSING: "MissingParameter", Kind.UNKNOWN: "UnknownParameter"}
MANNERS: Mapping[str, Manner] = {
    # https://github.com/fluent-plugins-nursery/fluent-plugin-cloudwatch-logs/issues/223
    "logs": Manner("InvalidParameterException", codes=PLAIN.codes),
    "ecr": Manner("InvalidParameterException", wording.ecr, PLAIN.codes),
    # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/CommonErrors.html
    "ecs": Manner("InvalidParameterException", codes=PLAIN.codes),
    # https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html
    "resourcegroupstaggingapi": Manner("InvalidParameterException", codes=PLAIN.codes),
    # https://docs.aws.amazon.com/batch/latest/APIReference/API_RegisterJobDefinition.html: it has no other for clients
    "batch": Manner("ClientException"),
    # https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html
    "sns": Manner("InvalidParameter"),
    "cloudwatch": QUERY,
    # https://docs.aws.amazon.com/Route53/latest/APIReference/API_CreateHostedZone.html
    "route53": Manner("InvalidInput", strict=True),
    "ec2": Manner("InvalidParameterValue", wording.ec2, PARAMETER, strict=True),
    "rds": Manner("InvalidParameterValue", wording.ec2, PARAMETER),
    "s3": Manner("MalformedXML", wording.s3, strict=True),
}


def refused(call: Call, differences: Sequence[Difference]) -> Reply | None:
    """The answer to a request with these differences; None when AWS takes it."""
    manner = MANNERS.get(call.service, QUERY if call.protocol is Protocol.QUERY else PLAIN)
    told = [one for one in differences if manner.strict or one.kind is not Kind.UNKNOWN]
    if not told:
        return None
    return errors.error(call, HTTPStatus.BAD_REQUEST, manner.code_of(told[0].kind), manner.wording(told))
