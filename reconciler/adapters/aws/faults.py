"""What went wrong in AWS, as a sentence and a remedy."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore import exceptions
from botocore.exceptions import BotoCoreError, ClientError

from reconciler.adapters.aws.answers import code_of, message_of
from reconciler.adapters.aws.retries import GIVEN_UP, REGION, SERVICE
from reconciler.adapters.conflicts import busy, is_conflict
from reconciler.core.reasons import CONNECT, NAMES_ACTION, SAYS_DENIED, SIGN_IN, Blame, Known, explain
from reconciler.errors import AwsFailed, ReadFailed

__all__ = ["AWS_FAULTS", "ClientError", "changing", "code_of", "failed", "is_denied", "may_be_done", "reading"]

AWS_FAULTS = (ClientError, BotoCoreError)
"""Everything that a boto3 call raises."""

SERVER_ERROR = 500
"""HTTP status codes from here on say nothing of what was done."""

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
_BODILESS = {"301": "PermanentRedirect", "307": "TemporaryRedirect", "403": "AccessDenied", "429": "TooManyRequests"}
"""What the status means that stands for the code of a HEAD request, which is answered without a body.
https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html"""
BUCKET_REGION = "x-amz-bucket-region"
"""The header in which S3 says where a bucket is, to whomever it redirects or refuses too.
https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html"""

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


def is_denied(fault: Exception) -> bool:
    """Whether AWS answered that this may not be done with these credentials."""
    return isinstance(fault, ClientError) and explain(_text(fault)).row.says == SAYS_DENIED


def region_of(fault: Exception) -> str:
    """Where S3 says that a bucket is, in an error; empty when it does not."""
    if not isinstance(fault, ClientError):
        return ""
    headers = fault.response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    return str(headers.get(BUCKET_REGION, "") or fault.response.get("Error", {}).get("Region", ""))


def _explain_answer(fault: ClientError) -> tuple[str, str]:
    told = fault.response.get("ResponseMetadata", {})
    facts = {"operation": fault.operation_name, "region": region_of(fault), "asked": str(told.get(REGION, ""))}
    known = explain(_text(fault), {**facts, "action": _needed(fault)})
    given_up = f"; given up {told[GIVEN_UP]}" if told.get(GIVEN_UP) else ""
    return f"{known.says or _in_its_words(fault)}{_beside(known, fault)}{given_up}", known.remedy_if_known


def _text(fault: ClientError) -> str:
    code = code_of(fault)
    return f"{_BODILESS.get(code, code)}: {message_of(fault)}"


def _in_its_words(fault: ClientError) -> str:
    return f"{fault.operation_name}: {_first_line(message_of(fault)) or 'no message'} ({code_of(fault)})"


def _beside(known: Known, fault: ClientError) -> str:
    """What AWS said, where it says more than the sentence before it."""
    if not known.says or known.row.blame is Blame.AWS:
        return ""
    said = code_of(fault) if known.row.blame is Blame.CALLER else _first_line(message_of(fault))
    return f" ({said})" if said else ""


def _needed(fault: ClientError) -> str:
    """The action to allow, as IAM calls it: as the operation, with its service before it, unless AWS names another."""
    service = fault.response.get("ResponseMetadata", {}).get(SERVICE, "")
    called = f"{service}:{fault.operation_name}" if service else fault.operation_name
    return NEEDED.get(fault.operation_name) or ("" if NAMES_ACTION in message_of(fault) else called)


def _first_line(text: str) -> str:
    return text.strip().splitlines()[0] if text.strip() else ""
