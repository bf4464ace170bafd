"""An answer, read as it was sent and held against the model: the SDK's own parsers drop what they do not know."""

from collections.abc import Iterator
from typing import Any

from botocore.model import OperationModel

from reconciler.sandbox.aws.faults.calls import Protocol, Request
from reconciler.sandbox.aws.http import Answer
from reconciler.sandbox.aws.shapes import error_codes, model, rest
from reconciler.sandbox.aws.shapes.constraints import breaches
from reconciler.sandbox.aws.shapes.decode import Unreadable, document, payload
from reconciler.sandbox.aws.shapes.difference import Difference, Kind
from reconciler.sandbox.aws.shapes.formats.json import JsonFormat
from reconciler.sandbox.aws.shapes.formats.xml import XmlFormat, local
from reconciler.sandbox.aws.shapes.reading import NotRead, Reading

WITHOUT_BODY = frozenset({"204", "304"})
ENVELOPE = frozenset({"ResponseMetadata", "requestId", "RequestId"})


def differences(request: Request, answer: Answer) -> list[Difference]:
    """In what an answer differs from its operation's output, or from its errors."""
    operation = model.operation(request.call.service, request.call.operation)
    if operation is None:
        return []
    try:
        if not answer.status.startswith("2"):
            return list(error_codes.differences(request.call, answer, operation))
        return list(_of_output(request, answer, operation))
    except Unreadable as problem:
        return [Difference(Kind.TYPE, (), answer.body[:80], f"{request.call.protocol}: {problem}")]


def _of_output(request: Request, answer: Answer, operation: OperationModel) -> Iterator[Difference]:
    shape, protocol = operation.output_shape, request.call.protocol
    empty = request.environ["REQUEST_METHOD"] == "HEAD" or answer.status[:3] in WITHOUT_BODY
    body = b"" if empty else answer.body
    reading = Reading(XmlFormat() if protocol in {Protocol.QUERY, Protocol.EC2, Protocol.REST_XML} else JsonFormat())
    if shape is None:
        return
    if protocol in {Protocol.REST_JSON, Protocol.REST_XML}:
        members = _rest(reading, answer, body, operation, protocol)
    else:
        members = _whole(reading, protocol, body, operation)
    yield from reading.differences
    yield from (one for one in breaches(members, shape) if not _empty(one))


def _empty(one: Difference) -> bool:
    """A list or a map without entries: AWS answers so, whatever a bound that is meant for requests says."""
    return one.kind is Kind.LENGTH and one.value in ([], {})


def _whole(reading: Reading, protocol: Protocol, body: bytes, operation: OperationModel) -> dict[str, Any]:
    shape = operation.output_shape
    raw = document(protocol, body)
    if protocol in {Protocol.QUERY, Protocol.EC2}:
        raw = _unwrapped(raw, shape.serialization.get("resultWrapper"))
    try:
        found: dict[str, Any] = reading.value(raw, shape)
    except NotRead:
        return {}
    return found


def _unwrapped(raw: Any, wrapper: str | None) -> Any:
    """Without what the protocol puts around the members."""
    (root,) = raw
    for child in [one for one in root if local(one.tag) in ENVELOPE]:
        root.remove(child)
    if wrapper is None:
        return [root]
    return [child for child in root if local(child.tag) == wrapper]


def _rest(
    reading: Reading, answer: Answer, body: bytes, operation: OperationModel, protocol: Protocol
) -> dict[str, Any]:
    shape = operation.output_shape
    headers = {name.lower(): value for name, value in answer.headers}
    texts = Reading(rest.TextFormat(), reading.differences)
    found = texts.members(rest.told(headers, answer.status[:3], shape), shape)
    return {**found, **payload(reading, protocol, body, shape)}
