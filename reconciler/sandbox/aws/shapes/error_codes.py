"""The code of an error that is answered: one of those that the model gives the operation, or one common to all."""

from collections.abc import Iterator, Mapping
from typing import Any

from botocore.model import OperationModel

from reconciler.sandbox.aws.faults.calls import Call, Protocol
from reconciler.sandbox.aws.http import Answer
from reconciler.sandbox.aws.shapes.decode import document
from reconciler.sandbox.aws.shapes.difference import Difference, Kind
from reconciler.sandbox.aws.shapes.formats.xml import local

WITHOUT_A_LIST = frozenset({"ec2", "s3"})
"""Services whose models tell of no errors, or of hardly any."""
COMMON = frozenset(
    {
        *("AccessDenied", "AccessDeniedException", "ExpiredToken", "ExpiredTokenException", "IncompleteSignature"),
        *("InternalFailure", "InvalidAction", "InvalidClientTokenId", "InvalidParameterCombination"),
        *("InvalidParameterValue", "MalformedInput", "MissingParameter", "NotAuthorized", "RequestExpired"),
        *(
            "SerializationException",
            "ServiceUnavailable",
            "Throttling",
            "ThrottlingException",
            "UnknownOperationException",
        ),
        *("UnrecognizedClientException", "ValidationError", "ValidationException"),
    }
)
"""https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html, and other services' pages of that name."""


def differences(call: Call, answer: Answer, operation: OperationModel) -> Iterator[Difference]:
    """Nothing when AWS could have answered so."""
    told = code(call.protocol, answer)
    if told and call.service not in WITHOUT_A_LIST and told not in COMMON | _modelled(operation):
        yield Difference(Kind.CODE, (told,), answer.status[:3], sorted(_modelled(operation)))


def code(protocol: Protocol, answer: Answer) -> str:
    """The code that a client reads; empty when there is none."""
    if not answer.body:
        return ""
    content = document(protocol, answer.body)
    if isinstance(content, Mapping):
        headers = {name.lower(): value for name, value in answer.headers}
        told = headers.get("x-amzn-query-error") or headers.get("x-amzn-errortype") or content.get("__type", "")
        return str(told).partition(";")[0].rpartition("#")[2].partition(":")[0]
    return next((str(node.text) for node in content[0].iter() if local(node.tag) == "Code"), "")


def _modelled(operation: OperationModel) -> frozenset[str]:
    return frozenset(name for shape in operation.error_shapes for name in _names(shape))


def _names(shape: Any) -> Iterator[str]:
    yield shape.name
    yield shape.metadata.get("error", {}).get("code", shape.name)
