"""Requests as the SDK writes them, as the sandbox's server gets them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote, urlencode

from botocore.awsrequest import prepare_request_dict
from botocore.model import OperationModel
from botocore.serialize import create_serializer

from reconciler.sandbox.aws.faults.calls import Request, recognise

SCALARS: Mapping[str, Any] = {
    "integer": 7,
    "long": 7_000_000_000,
    "short": 7,
    "byte": 7,
    "float": 0.5,
    "double": 0.5,
    "boolean": True,
    "timestamp": datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC),
    "blob": b"\x00some bytes",
    "string": "some text/with & <all>, ünd mehr",
    "character": "c",
}
DEPTH = 5
SIGNED = "AWS4-HMAC-SHA256 Credential=x/20260304/eu-west-1/{}/aws4_request"


def sample(shape: Any, depth: int = 0) -> Any:
    """A value with every member of a shape, down to some depth."""
    match shape.type_name:
        case "structure" if shape.is_document_type:
            return {"any": ["thing"]}
        case "structure":
            inside = {name: sample(one, depth + 1) for name, one in shape.members.items() if _fits(one, depth)}
            return {name: value for name, value in inside.items() if value not in ({}, [{}, {}])}
        case "list":
            return [sample(shape.member, depth + 1)] * 2
        case "map":
            return {"a key": sample(shape.value, depth + 1)}
    return (shape.enum or [SCALARS["string"]])[0] if shape.type_name == "string" else SCALARS[shape.type_name]


def _fits(shape: Any, depth: int) -> bool:
    if shape.serialization.get("location") == "headers" or shape.serialization.get("eventstream"):
        return False
    return depth < DEPTH or shape.type_name in SCALARS


def sent(operation: OperationModel, members: Mapping[str, Any], protocol: str = "") -> Request:
    """The request that the SDK makes of members."""
    service = operation.service_model
    serializer = create_serializer(protocol or service.protocol, include_validation=False)
    written = serializer.serialize_to_request(members, operation)
    prepare_request_dict(written, endpoint_url="http://127.0.0.1")
    body = written["body"]
    form = isinstance(body, dict)
    return recognise(
        {
            "REQUEST_METHOD": written["method"],
            "RAW_URI": written["url_path"],
            "PATH_INFO": unquote(written["url_path"].partition("?")[0]),
            "QUERY_STRING": _query(written),
            **{_wsgi(name): str(value) for name, value in written["headers"].items()},
            "HTTP_AUTHORIZATION": SIGNED.format(service.signing_name),
        },
        urlencode(body).encode() if form else body.encode() if isinstance(body, str) else body or b"",
    )


def _query(written: Mapping[str, Any]) -> str:
    in_path = written["url_path"].partition("?")[2]
    return "&".join(filter(None, (in_path, urlencode(written["query_string"], doseq=True))))


def _wsgi(header: str) -> str:
    name = header.upper().replace("-", "_")
    return name if name == "CONTENT_TYPE" else f"HTTP_{name}"
