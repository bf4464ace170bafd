"""Which operation of which service a request calls, in any of AWS's protocols."""

import re
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import parse_qs

from reconciler.sandbox.aws.faults import routes
from reconciler.sandbox.aws.http import Environ

SCOPE = re.compile(r"(?:^|[=/])\d{8}/(?P<region>[a-z0-9-]+)/(?P<service>[a-z0-9-]+)/aws4_request")
CBOR_PATH = re.compile(r"/service/[^/]+/operation/(\w+)$")
SIGNED_AS = {
    "elasticloadbalancing": "elbv2",
    "monitoring": "cloudwatch",
    "tagging": "resourcegroupstaggingapi",
}
"""Names that requests are signed with, where the SDKs and the command line call the service otherwise."""

UNKNOWN = "Unknown"
UNSIGNED = "AssumeRoleWithWebIdentity"
"""Who asks for a role with a token has no key yet to sign with."""
READS = re.compile(r"^(describe|list|get|head|batch_?get|filter|lookup)", re.IGNORECASE)


class Protocol(StrEnum):
    """How a service is spoken with, and tells of errors."""

    JSON = "json"
    CBOR = "smithy-rpc-v2-cbor"
    QUERY = "query"
    EC2 = "ec2"
    REST_JSON = "rest-json"
    REST_XML = "rest-xml"


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the API."""

    service: str
    """As boto3 names it."""
    operation: str
    """As AWS spells it."""
    protocol: Protocol
    region: str = ""

    @property
    def name(self) -> str:
        """`service:Operation`."""
        return f"{self.service}:{self.operation}"


@dataclass(frozen=True, slots=True)
class Request:
    """A call, and the HTTP request that makes it."""

    call: Call
    environ: Environ
    body: bytes
    sent: "Request | None" = None
    """As the client sent it, where a fault changed it."""

    @property
    def reads(self) -> bool:
        """Whether it changes nothing, as far as its name tells."""
        return self.environ["REQUEST_METHOD"] in {"GET", "HEAD", "OPTIONS"} or bool(READS.match(self.call.operation))


def recognise(environ: Environ, body: bytes) -> Request:
    """The call that a request makes; its operation is `Unknown` when AWS has no such thing."""
    return Request(_call(environ, body), environ, body)


def _call(environ: Environ, body: bytes) -> Call:
    service, region = _scope(environ)
    target = str(environ.get("HTTP_X_AMZ_TARGET") or "")
    cbor = CBOR_PATH.search(environ.get("PATH_INFO", ""))
    if target:
        return Call(service, target.rpartition(".")[2], Protocol.JSON, region)
    if cbor:
        return Call(service, cbor[1], Protocol.CBOR, region)
    action = _action(environ, body)
    if action == UNSIGNED:
        return Call("sts", action, Protocol.QUERY, "us-east-1")
    if action:
        return Call(service, action, Protocol.EC2 if service == "ec2" else Protocol.QUERY, region)
    protocol = Protocol.REST_XML if service in {"s3", "route53"} else Protocol.REST_JSON
    return Call(service, routes.operation(service, environ) or UNKNOWN, protocol, region)


def _scope(environ: Environ) -> tuple[str, str]:
    """Service and region of a signature. Nobody but S3 takes requests without one."""
    signed = SCOPE.search(f"{environ.get('HTTP_AUTHORIZATION', '')} {_query(environ).get('X-Amz-Credential', '')}")
    if not signed:
        return "s3", ""
    if signed["service"] == "sagemaker" and environ.get("PATH_INFO", "").startswith("/endpoints/"):
        return "sagemaker-runtime", signed["region"]
    return SIGNED_AS.get(signed["service"], signed["service"]), signed["region"]


def _action(environ: Environ, body: bytes) -> str:
    if str(environ.get("CONTENT_TYPE", "")).startswith("application/x-www-form-urlencoded"):
        return parse_qs(body.decode(errors="replace")).get("Action", [""])[0]
    return _query(environ).get("Action", "")


def _query(environ: Environ) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(environ.get("QUERY_STRING", "")).items()}
