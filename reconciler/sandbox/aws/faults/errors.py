"""Errors as AWS tells them, in each of its protocols, so that every SDK takes them for AWS's own."""

from http import HTTPStatus
from xml.sax.saxutils import escape

from reconciler.sandbox.aws.faults.calls import Call, Protocol
from reconciler.sandbox.aws.http import Reply, json_reply

REQUEST_ID = "00000000-0000-0000-0000-000000000000"

THROTTLED = {
    "batch": (429, "TooManyRequestsException"),
    "ec2": (503, "RequestLimitExceeded"),
    "s3": (503, "SlowDown"),
    "sts": (400, "Throttling"),
    "iam": (400, "Throttling"),
    "route53": (400, "Throttling"),
}
"""How services tell that they are called too often, where it is not 400 ThrottlingException."""

SLOWER = {"s3": "Please reduce your request rate."}
QUERY_ERROR = (
    "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>"
    "<RequestId>{id}</RequestId></ErrorResponse>"
)
EC2_ERROR = (
    "<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors>"
    "<RequestID>{id}</RequestID></Response>"
)
S3_ERROR = "<Error><Code>{code}</Code><Message>{message}</Message><RequestId>{id}</RequestId></Error>"


def throttled(call: Call) -> Reply:
    """Too many calls."""
    default = "Throttling" if call.protocol is Protocol.QUERY else "ThrottlingException"
    status, code = THROTTLED.get(call.service, (HTTPStatus.BAD_REQUEST, default))
    return error(call, status, code, SLOWER.get(call.service, "Rate exceeded"))


def error(call: Call, status: int, code: str, message: str, region: str = "") -> Reply:
    """An error of the operation's service; `region`: where S3 says that the bucket is."""
    match call.protocol:
        case Protocol.JSON | Protocol.REST_JSON:
            content = {"__type": code, "message": message}
            return json_reply(HTTPStatus(status), content, {"x-amzn-ErrorType": code})
        case Protocol.CBOR:
            headers = {"Content-Type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"}
            return Reply(HTTPStatus(status), _cbor({"__type": code, "message": message}), headers)
        case _:
            template = S3_ERROR if call.service == "s3" else EC2_ERROR if call.service == "ec2" else QUERY_ERROR
            text = template.format(code=escape(code), message=escape(message), id=REQUEST_ID)
            where = {"x-amz-bucket-region": region} if region else {}
            return Reply(HTTPStatus(status), text.encode(), {"Content-Type": "text/xml", **where})


def _cbor(texts: dict[str, str]) -> bytes:
    """A map of short texts, by RFC 8949."""
    return bytes([0xA0 | len(texts)]) + b"".join(_text(one) for pair in texts.items() for one in pair)


def _text(text: str) -> bytes:
    """Its length in two bytes, then itself."""
    encoded = text.encode()
    return b"\x79" + len(encoded).to_bytes(2, "big") + encoded
