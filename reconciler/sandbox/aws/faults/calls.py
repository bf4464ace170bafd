"""Which operation of which service a request calls, in any of AWS's protocols."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qs

from reconciler.sandbox.aws.faults import routes

SCOPE = re.compile(r"(?:^|[=/])\d{8}/(?P<region>[a-z0-9-]+)/(?P<service>[a-z0-9-]+)/aws4_request")
CBOR_PATH = re.compile(r"/service/[^/]+/operation/(\w+)$")
SIGNED_AS = {
    "elasticloadbalancing": "elbv2",
    "monitoring": "cloudwatch",
    "tagging": "resourcegroupstaggingapi",
}
"""Names that requests are signed with, where the SDKs and the command line call the service otherwise."""

UNKNOWN = "Unknown"

Environ = Mapping[str, Any]


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

    @property
    def name(self) -> str:
        """`service:Operation`."""
        return f"{self.service}:{self.operation}"


def recognise(environ: Environ, body: bytes) -> Call:
    """The call that a request makes; its operation is `Unknown` when AWS has no such thing."""
    service = _service(environ)
    target = str(environ.get("HTTP_X_AMZ_TARGET") or "")
    cbor = CBOR_PATH.search(environ.get("PATH_INFO", ""))
    if target:
        return Call(service, target.rpartition(".")[2], Protocol.JSON)
    if cbor:
        return Call(service, cbor[1], Protocol.CBOR)
    action = _action(environ, body)
    if action:
        return Call(service, action, Protocol.EC2 if service == "ec2" else Protocol.QUERY)
    protocol = Protocol.REST_XML if service in {"s3", "route53"} else Protocol.REST_JSON
    return Call(service, routes.operation(service, environ) or UNKNOWN, protocol)


def _service(environ: Environ) -> str:
    """Nobody but S3 takes requests without a signature."""
    signed = SCOPE.search(f"{environ.get('HTTP_AUTHORIZATION', '')} {_query(environ).get('X-Amz-Credential', '')}")
    service = signed["service"] if signed else "s3"
    if service == "sagemaker" and environ.get("PATH_INFO", "").startswith("/endpoints/"):
        return "sagemaker-runtime"
    return SIGNED_AS.get(service, service)


def _action(environ: Environ, body: bytes) -> str:
    if str(environ.get("CONTENT_TYPE", "")).startswith("application/x-www-form-urlencoded"):
        return parse_qs(body.decode(errors="replace")).get("Action", [""])[0]
    return _query(environ).get("Action", "")


def _query(environ: Environ) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(environ.get("QUERY_STRING", "")).items()}
