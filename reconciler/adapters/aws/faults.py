"""What went wrong in AWS, as a sentence and a remedy."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from botocore import exceptions
from botocore.exceptions import BotoCoreError, ClientError

from reconciler.adapters.aws.answers import code_of, message_of
from reconciler.adapters.aws.retries import GIVEN_UP, SERVICE, THROTTLED
from reconciler.adapters.conflicts import busy, is_conflict
from reconciler.errors import AwsFailed, ReadFailed

__all__ = ["AWS_FAULTS", "DENIED", "ClientError", "changing", "code_of", "failed", "may_be_done", "reading"]

AWS_FAULTS = (ClientError, BotoCoreError)
"""Everything that a boto3 call raises."""

SIGN_IN = "sign in (`aws sso login`), or set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
SERVER_ERROR = 500
"""HTTP status codes from here on say nothing of what was done."""
CONNECT = "check the network and AWS_ENDPOINT_URL; for the sandbox: reconcile sandbox up"

_NO_CREDENTIALS = (
    exceptions.NoCredentialsError,
    exceptions.PartialCredentialsError,
    exceptions.CredentialRetrievalError,
    exceptions.TokenRetrievalError,
    exceptions.SSOError,
)
_NO_ANSWER = (
    exceptions.ConnectionError,
    exceptions.HTTPClientError,
    exceptions.IncompleteReadError,
)
_NEVER_SENT = (
    exceptions.ConnectTimeoutError,
    exceptions.EndpointConnectionError,
    exceptions.ProxyConnectionError,
    exceptions.SSLError,
)
# Codes of every service, which no model holds. Sources: https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html,
# https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html,
# https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html, and aws-sdk-js-v3,
# packages/service-error-classification; SNS's is in its model; 403 is what a HEAD request is answered.
_EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"})
_UNKNOWN_CREDENTIALS = frozenset(
    {
        "AuthFailure",
        "IncompleteSignature",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "InvalidToken",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
DENIED = frozenset({"403", "AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation"})
_SKEWED = frozenset({"RequestInTheFuture", "RequestTimeTooSkewed"})

_OBJECT = "s3:GetObject, and s3:ListBucket for its key: without that, S3 says the same of a key that is not there"
NEEDED = {
    "GetObject": _OBJECT,
    "HeadObject": _OBJECT,
    "HeadBucket": "s3:ListBucket, without a condition on s3:prefix, or correct the name: it may be another account's",
    "ListObjectsV2": "s3:ListBucket",
    "ListObjectVersions": "s3:ListBucketVersions",
    "DeleteObjects": "s3:DeleteObject, and s3:DeleteObjectVersion",
    "GetBucketEncryption": "s3:GetEncryptionConfiguration",
    "GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
}
"""What S3 asks permission for, by operations that are called otherwise. It answers 403 and never 404 to whoever may
not list: that is never taken for "not there".
https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html and API_HeadBucket.html"""


NAMED_ACTION = re.compile(r"not authorized to perform: ([a-z0-9-]+:[A-Za-z]+)")
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html"""


def may_be_done(fault: Exception) -> bool:
    """Whether a request that ended so may have been carried out all the same: it was sent, and no answer refuses it."""
    if isinstance(fault, ClientError):
        return int(fault.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)) >= SERVER_ERROR
    return isinstance(fault, _NO_ANSWER) and not isinstance(fault, _NEVER_SENT)


def failed(err: Exception, source: str) -> ReadFailed:
    """The error of a read: `source` names what could not be read, such as `the state bucket acme-tfstate`."""
    sentence, remedy = _explain(err)
    return ReadFailed(f"could not read {source}: {sentence}", remedy)


@contextmanager
def reading(source: str) -> Iterator[None]:
    """Turn AWS's errors into ReadFailed."""
    try:
        yield
    except AWS_FAULTS as fault:
        raise failed(fault, source) from fault


@contextmanager
def changing(request: str) -> Iterator[None]:
    """Turn AWS's errors into AwsFailed, or Busy; `request` says what was to be done, such as `submit the job x`."""
    try:
        yield
    except AWS_FAULTS as fault:
        if is_conflict(f"{code_of(fault)}: {fault}"):
            raise busy(f"could not {request}", _explain(fault)[0]) from fault
        sentence, remedy = _explain(fault)
        raise AwsFailed(f"could not {request}: {sentence}", remedy) from fault


def _explain(fault: Exception) -> tuple[str, str]:
    if isinstance(fault, ClientError):
        return _explain_answer(fault)
    if isinstance(fault, _NO_CREDENTIALS):
        return "no usable AWS credentials were found", SIGN_IN
    if isinstance(fault, _NO_ANSWER):
        given_up = "".join(f"; given up {note}" for note in getattr(fault, "__notes__", ()))
        return f"AWS did not answer ({_first_line(str(fault))}){given_up}", CONNECT
    return _first_line(str(fault)), ""


def _explain_answer(fault: ClientError) -> tuple[str, str]:
    operation, code = fault.operation_name, code_of(fault)
    message = _first_line(message_of(fault))
    if code in _EXPIRED:
        return "the AWS credentials have expired", SIGN_IN
    if code in _UNKNOWN_CREDENTIALS:
        return f"AWS does not accept the credentials ({code})", SIGN_IN
    if code in _SKEWED:
        return "this machine's clock differs too much from AWS's", "set the clock right and try again"
    if code in DENIED:
        return f"access denied to {operation}{_in_brackets(message)}", f"allow the role that you use {_needed(fault)}"
    given_up = fault.response.get("ResponseMetadata", {}).get(GIVEN_UP, "")
    if code in THROTTLED:
        said = f"AWS throttled {operation}; given up {given_up}" if given_up else f"AWS throttled {operation}"
        return said, "try again in a minute, with a lower --parallelism"
    return f"{operation}: {message or 'no message'} ({code})" + (f"; given up {given_up}" if given_up else ""), ""


def _needed(fault: ClientError) -> str:
    """The action to allow: AWS often names it; else it is called as the operation, with its service before it."""
    named = NAMED_ACTION.search(message_of(fault))
    service = fault.response.get("ResponseMetadata", {}).get(SERVICE, "")
    called = f"{service}:{fault.operation_name}" if service else fault.operation_name
    return NEEDED.get(fault.operation_name) or (named[1] if named else called)


def _in_brackets(message: str) -> str:
    return f" ({message})" if message else ""


def _first_line(text: str) -> str:
    return text.strip().splitlines()[0] if text.strip() else ""
