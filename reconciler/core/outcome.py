"""What became of a release that SageMaker was asked to serve.

SageMaker says so in no single place: an update is taken, and the endpoint is InService again on the *old*
configuration, while Terraform ends well or fails by chance.
"""

from dataclasses import dataclass

from reconciler.core.observed import LiveEndpoint

NO_REASON = "SageMaker gives no reason"
QUOTA = "ask for a higher quota in AWS's Service Quotas, or take another instance type or fewer of them"
CAPACITY = "AWS has none left for now: the next run tries again; or take another instance type"
AGAIN = "the next run tries again"

_TROUBLES = (
    ("ResourceLimitExceeded", QUOTA),
    ("service limit", QUOTA),
    ("InsufficientInstanceCapacity", CAPACITY),
    ("Unable to provision", CAPACITY),
    ("Request to service failed", AGAIN),
    ("internal error", AGAIN),
    ("Internal server error", AGAIN),
    ("InternalFailure", AGAIN),
)
"""Words of a failure that is AWS's own, and what helps. "Request to service failed" is what AWS's own Kubernetes
controller tries again as well (ACK, sagemaker-controller, pkg/resource/endpoint/hooks.go)."""


@dataclass(frozen=True, slots=True)
class Served:
    """It serves."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """The release is at fault: its container, or an alarm. It is not tried again by itself."""

    reason: str


@dataclass(frozen=True, slots=True)
class Troubled:
    """AWS is at fault, or nobody knows: the release may well serve another time."""

    reason: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """SageMaker had no part in it: Terraform failed for another reason, and says which."""


Outcome = Served | Rejected | Troubled | Elsewhere


def outcome(
    before: LiveEndpoint | None, after: LiveEndpoint | None, configuration: str, *, terraform_failed: bool
) -> Outcome:
    """What an attempt to serve `configuration` came to; `after` is in no passing state.

    `before` is the endpoint as it was: it keeps the reason of an older failure, and only one that moved has a new one.
    """
    if terraform_failed and not _moved(before, after, configuration):
        return Elsewhere()
    if after is None:
        return Troubled("the endpoint is gone: somebody deleted it", AGAIN)
    if after.status == "InService" and after.configuration == configuration:
        return Served()
    if not terraform_failed and _never_moved(before, after, configuration):
        return Troubled(f"the endpoint did not move: it serves {after.configuration}", AGAIN)
    reason = after.failure or f"{NO_REASON}; it serves {after.configuration} and is {after.status}"
    remedy = remedy_of(reason)
    return Troubled(reason, remedy) if remedy else Rejected(reason)


def remedy_of(reason: str) -> str:
    """What helps against a failure that is AWS's own; empty for one that is the release's."""
    return next((remedy for words, remedy in _TROUBLES if words.lower() in reason.lower()), "")


def _never_moved(before: LiveEndpoint | None, after: LiveEndpoint, configuration: str) -> bool:
    if before:
        return before.modified == after.modified
    return after.configuration != configuration and not after.failure


def _moved(before: LiveEndpoint | None, after: LiveEndpoint | None, configuration: str) -> bool:
    """Whether SageMaker did not get this very configuration to serve."""
    if after is None:
        return False
    if after.configuration == configuration:
        return after.status == "Failed"
    return bool(before and after.failure and after.modified != before.modified)
