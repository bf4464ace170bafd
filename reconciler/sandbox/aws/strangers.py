"""What AWS answers to somebody whom it does not know, in the words of the service that was called.

The codes stand in AWS's lists of common errors, https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
and https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/CommonErrors.html. Services of the JSON protocol send
theirs with status 400: https://github.com/aws/amazon-sagemaker-operator-for-k8s/issues/99.
"""

from http import HTTPStatus

from reconciler.sandbox.aws import signature
from reconciler.sandbox.aws.callers import access_key_id
from reconciler.sandbox.aws.faults.calls import Call, Protocol, Request
from reconciler.sandbox.aws.faults.errors import error
from reconciler.sandbox.aws.http import Reply

UNSIGNED = "Request is missing Authentication Token"
EXPIRED = "The security token included in the request is expired"
UNKNOWN = "The security token included in the request is invalid."
OTHER_WORDS = {
    "s3": ("InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records."),
    "ec2": ("AuthFailure", "AWS was not able to validate the provided access credentials"),
}
"""Of an access key id that does not exist, where a service has a code of its own for that.

S3: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
EC2: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
"""


def refusal(request: Request, *, expired: bool = False) -> Reply:
    """The answer to a request that nobody signed, with a key that the sandbox does not know, or whose time is over."""
    reply = _over(request) if expired else _unknown_to_us(request)
    return Reply(reply.status, b"", reply.headers) if request.environ["REQUEST_METHOD"] == "HEAD" else reply


def _over(request: Request) -> Reply:
    """Of a role's session, or of an address: https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html."""
    call, signed = request.call, signature.read(request.environ)
    if signed and signed.ended:
        return error(call, HTTPStatus.FORBIDDEN, "AccessDenied", "Request has expired")
    if call.service == "ec2":
        return error(call, HTTPStatus.BAD_REQUEST, "RequestExpired", "Request has expired.")
    code = "ExpiredTokenException" if _speaks_json(call.protocol) else "ExpiredToken"
    return error(call, _status(call.protocol), code, EXPIRED)


def _unknown_to_us(request: Request) -> Reply:
    call = request.call
    if access_key_id(request.environ):
        code, message = OTHER_WORDS.get(call.service, (_unknown(call.protocol), UNKNOWN))
        return error(call, _status(call.protocol), code, message)
    if call.protocol is Protocol.REST_XML:
        return error(call, HTTPStatus.FORBIDDEN, "AccessDenied", "Access Denied")
    # Without a signature nothing tells the service but the protocol that it is spoken to in.
    anonymous = Call("", call.operation, call.protocol)
    return error(anonymous, _status(call.protocol), _unsigned(call.protocol), UNSIGNED)


def _status(protocol: Protocol) -> HTTPStatus:
    return HTTPStatus.BAD_REQUEST if protocol is Protocol.JSON else HTTPStatus.FORBIDDEN


def _unknown(protocol: Protocol) -> str:
    return "UnrecognizedClientException" if _speaks_json(protocol) else "InvalidClientTokenId"


def _unsigned(protocol: Protocol) -> str:
    return "MissingAuthenticationTokenException" if _speaks_json(protocol) else "MissingAuthenticationToken"


def _speaks_json(protocol: Protocol) -> bool:
    return protocol in {Protocol.JSON, Protocol.REST_JSON, Protocol.CBOR}
