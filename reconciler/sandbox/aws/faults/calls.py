"""Which operation of which service a request calls, in any of AWS's protocols."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qsl

from reconciler.sandbox.aws import signature
from reconciler.sandbox.aws.faults import routes
from reconciler.sandbox.aws.http import Environ
from reconciler.sandbox.aws.signature import Signature

CBOR_PATH = re.compile(r"/service/[^/]+/operation/(\w+)$")
SIGNED_AS = {
    "elasticloadbalancing": "elbv2",
    "monitoring": "cloudwatch",
    "servicequotas": "service-quotas",
    "tagging": "resourcegroupstaggingapi",
}
"""Names that requests are signed with, where the SDKs and the command line call the service otherwise."""

UNKNOWN = "Unknown"
FORM = "application/x-www-form-urlencoded"
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
    """The call that a request makes; `Unknown` when AWS has no such operation, or it may be read as two."""
    signed = signature.read(environ)
    return Request(_call(signed, environ, body) if signed else _anonymous(environ, body), environ, body)


def _call(signed: Signature, environ: Environ, body: bytes) -> Call:
    """By the one protocol of the service in which the request speaks."""
    service, region = SIGNED_AS.get(signed.service, signed.service), signed.region
    if service == "sagemaker" and environ.get("PATH_INFO", "").startswith("/endpoints/"):
        service = "sagemaker-runtime"
    spoken = _spoken(service)
    said = _said(service, environ, body)
    if not said and spoken & REST:
        return Call(service, routes.operation(service, environ) or UNKNOWN, next(iter(spoken & REST)), region)
    heard = [(protocol, operation) for protocol, operation in said.items() if protocol in spoken]
    if len(said) == len(heard) == 1:
        return Call(service, heard[0][1], heard[0][0], region)
    return Call(service, UNKNOWN, next(iter(sorted(spoken)), Protocol.JSON), region)


REST = frozenset({Protocol.REST_JSON, Protocol.REST_XML})


def _spoken(service: str) -> frozenset[Protocol]:
    """Protocols of a service."""
    described: dict[str, Any] = routes.model(service).get("metadata", {})
    return frozenset(map(Protocol, described.get("protocols") or [described["protocol"]] if described else ()))


def _said(service: str, environ: Environ, body: bytes) -> dict[Protocol, str]:
    """Operations that a request names, by the protocol that names them so; none that only method and path tell."""
    target, path = str(environ.get("HTTP_X_AMZ_TARGET") or ""), environ.get("PATH_INFO", "") or "/"
    cbor = CBOR_PATH.search(path)
    alone = path == "/"
    said = {Protocol.JSON: target.rpartition(".")[2] if alone else UNKNOWN} if target else {}
    if cbor:
        said[Protocol.CBOR] = cbor[1]
    if action := _action(service, environ, body):
        said[Protocol.EC2 if service == "ec2" else Protocol.QUERY] = action if alone else UNKNOWN
    return said


def _action(service: str, environ: Environ, body: bytes) -> str:
    """Of a form, which is either the body or the query; `Unknown` when it says anything twice."""
    query = parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True)
    is_form = str(environ.get("CONTENT_TYPE", "")).startswith(FORM) and service != "s3"
    form = parse_qsl(body.decode(errors="replace"), keep_blank_values=True) if is_form else []
    names = [name for name, _ in (*query, *form)]
    action = dict((*query, *form)).get("Action", "")
    twice = len(set(names)) < len(names) or (bool(query) and bool(form))
    return UNKNOWN if action and twice else action


def _anonymous(environ: Environ, body: bytes) -> Call:
    """What somebody without a signature would like: AWS gives roles to such, for a token, and tells others in their
    protocol that they are not known. S3 alone takes requests without a signature."""
    said = {**_said("", environ, body)}
    if said == {Protocol.QUERY: UNSIGNED} and not environ.get("HTTP_AUTHORIZATION"):
        return Call("sts", UNSIGNED, Protocol.QUERY, "us-east-1")
    named = next(iter(said.items()), None)
    if named:
        return Call("s3", named[1] if named[1] != UNSIGNED else UNKNOWN, named[0])
    return Call("s3", routes.operation("s3", environ) or UNKNOWN, Protocol.REST_XML)
