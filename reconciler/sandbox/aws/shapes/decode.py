"""What a request asks for: its members by the names that the SDK has for them, in any of AWS's protocols."""

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl
from xml.etree import ElementTree as ET

from botocore.model import OperationModel
from botocore.parsers import ResponseParserError, RpcV2CBORParser

from reconciler.sandbox.aws.faults.calls import Protocol, Request
from reconciler.sandbox.aws.shapes import model, rest
from reconciler.sandbox.aws.shapes.difference import Difference
from reconciler.sandbox.aws.shapes.formats.json import JsonFormat
from reconciler.sandbox.aws.shapes.formats.query import Ec2Format, QueryFormat, tree
from reconciler.sandbox.aws.shapes.formats.xml import XmlFormat
from reconciler.sandbox.aws.shapes.model import Shape
from reconciler.sandbox.aws.shapes.reading import NotRead, Reading

RAW = frozenset({"blob", "string"})
"""Types of a payload that is the body itself."""


@dataclass(frozen=True, slots=True)
class Read:
    """The members of a request or an answer, and what in it the model does not know."""

    members: Mapping[str, Any]
    differences: tuple[Difference, ...] = ()


class Unreadable(Exception):
    """A body that is not of the protocol's format."""


def parameters(request: Request) -> Mapping[str, Any]:
    """The members of a request; none for a call that AWS does not have, or a body that cannot be read."""
    try:
        read = read_request(request)
    except Unreadable:
        return {}
    return read.members if read else {}


def read_request(request: Request) -> Read | None:
    """A request as its model reads it; None for a call that AWS does not have. Raises Unreadable."""
    operation = model.operation(request.call.service, request.call.operation)
    if operation is None:
        return None
    if operation.input_shape is None:
        return Read({})
    body = _body(request)
    match request.call.protocol:
        case Protocol.QUERY | Protocol.EC2:
            return _read_query(request, body, operation.input_shape)
        case Protocol.REST_JSON | Protocol.REST_XML:
            return _read_rest(request, body, operation)
    return _whole(Reading(JsonFormat()), document(request.call.protocol, body), operation.input_shape)


def document(protocol: Protocol, body: bytes) -> Any:
    """A body as its format has it. Raises Unreadable."""
    try:
        if protocol is Protocol.CBOR:
            return _cbor(body)
        if protocol in {Protocol.JSON, Protocol.REST_JSON}:
            return json.loads(body) if body.strip() else {}
        return [ET.fromstring(body)]  # noqa: S314 - expat bounds what entities may grow to
    except (ValueError, ResponseParserError, ET.ParseError) as problem:
        raise Unreadable(str(problem)) from problem


def payload(reading: Reading, protocol: Protocol, body: bytes, shape: Shape) -> dict[str, Any]:
    """The members of a REST shape that its body holds."""
    name = shape.serialization.get("payload")
    if name is None:
        inside = rest.in_body(shape)
        return _inside(reading, document(protocol, body), shape) if inside and body else {}
    if not body or shape.members[name].serialization.get("eventstream"):
        return {}
    if shape.members[name].type_name in RAW:
        return {name: body if shape.members[name].type_name == "blob" else body.decode(errors="replace")}
    return reading.members({name: document(protocol, body)}, shape)


def _read_query(request: Request, body: bytes, shape: Shape) -> Read:
    written = f"{request.environ.get('QUERY_STRING', '')}&{body.decode(errors='replace')}"
    reading = Reading(Ec2Format() if request.call.protocol is Protocol.EC2 else QueryFormat())
    return _whole(reading, tree(parse_qsl(written, keep_blank_values=True)), shape)


def _read_rest(request: Request, body: bytes, operation: OperationModel) -> Read:
    shape, protocol = operation.input_shape, request.call.protocol
    texts = Reading(rest.TextFormat())
    found = texts.members(rest.outside(request.environ, operation.http["requestUri"], shape), shape)
    reading = Reading(XmlFormat() if protocol is Protocol.REST_XML else JsonFormat(), texts.differences)
    return Read({**found, **payload(reading, protocol, body, shape)}, tuple(reading.differences))


def _whole(reading: Reading, raw: Any, shape: Shape) -> Read:
    try:
        return Read(reading.value(raw, shape), tuple(reading.differences))
    except NotRead:
        return Read({}, tuple(reading.differences))


def _inside(reading: Reading, raw: Any, shape: Shape) -> dict[str, Any]:
    try:
        found: dict[str, Any] = reading.value(raw, shape)
    except NotRead:
        return {}
    return found


def _body(request: Request) -> bytes:
    if request.environ.get("HTTP_CONTENT_ENCODING") != "gzip" or request.call.service == "s3":
        return request.body
    try:
        return gzip.decompress(request.body)
    except (OSError, EOFError) as problem:
        raise Unreadable(str(problem)) from problem


def _cbor(body: bytes) -> Any:
    if not body:
        return {}
    parser = RpcV2CBORParser()
    return parser.parse_data_item(parser.get_peekable_stream_from_bytes(body))
