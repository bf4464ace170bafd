"""Refusals in AWS's words, each service with its own code and status.

The sentence: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
EC2's: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html (UnauthorizedOperation)
S3's: https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html
"""

from collections.abc import Mapping
from http import HTTPStatus

from reconciler.sandbox.aws.faults import errors
from reconciler.sandbox.aws.faults.calls import Call, Protocol, Request
from reconciler.sandbox.aws.http import Reply
from reconciler.sandbox.aws.iam.policy import Question, Verdict

CODES: Mapping[str, str] = {
    "ec2": "UnauthorizedOperation",
    "sns": "AuthorizationError",
}
"""Where it is neither AccessDenied (XML) nor AccessDeniedException (JSON)."""

IN_JSON = frozenset({Protocol.JSON, Protocol.REST_JSON})


def denied(request: Request, caller: str, question: Question, verdict: Verdict) -> Reply:
    """What a caller is told that may not do something; nothing but the status where it asked for headers alone."""
    call = request.call
    status = HTTPStatus.BAD_REQUEST if call.protocol is Protocol.JSON else HTTPStatus.FORBIDDEN
    told = errors.error(call, status, _code(call), sentence(call, caller, question, verdict))
    return Reply(told.status, b"", told.headers) if request.environ["REQUEST_METHOD"] == "HEAD" else told


def sentence(call: Call, caller: str, question: Question, verdict: Verdict) -> str:
    """Who may not do what, and why."""
    resource = f'"{question.resource}"' if call.service == "s3" else question.resource
    said = f"User: {caller} is not authorized to perform: {question.action} on resource: {resource}"
    why = verdict.value.format(action=question.action)
    prefix = "You are not authorized to perform this operation. " if call.service == "ec2" else ""
    return f"{prefix}{said} {why}"


def _code(call: Call) -> str:
    default = "AccessDeniedException" if call.protocol in IN_JSON else "AccessDenied"
    return CODES.get(call.service, default)
