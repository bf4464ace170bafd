"""How AWS says that somebody else is changing the same thing, in its own answers and inside Terraform's. Pure."""

from reconciler.errors import Busy

SIGNS = (
    "ResourceInUse:",
    "ResourceInUseException:",
    "ConflictException:",
    "ResourceConflictException:",
    "ConcurrentModification",
    "ConditionalRequestConflict",
    "EntityTemporarilyUnmodifiable",
    "OperationAborted",
    "in-progress endpoint",
    "being modified",
)
"""Codes, as boto3 and the provider of Terraform write them, and the words of services that have no code for it.

The codes are from the API references of SageMaker, Batch, ECR, IAM, EventBridge and S3 (409).
"""
_PERMANENT = ("already exist", "is in use by", "currently in use")
"""With these the same codes mean something that no waiting mends."""


def is_conflict(text: str) -> bool:
    """Whether an error of AWS's, `Code: message`, is a conflict that passes."""
    return any(sign in text for sign in SIGNS) and not any(sign in text for sign in _PERMANENT)


def busy(what: str, why: str) -> Busy:
    """What was to be done, and what AWS said, as the state of affairs that it is."""
    return Busy(f"{what}: somebody else is changing it: {why}", "nothing is wrong: the next run goes on")
