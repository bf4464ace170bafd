"""What became of a release that SageMaker was asked to serve.

SageMaker says so in no single place: an update is taken, and the endpoint is InService again on the *old*
configuration, while Terraform ends well or fails by chance.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from reconciler.core.alarms import Alarm, Watched, told
from reconciler.core.observed import LiveEndpoint
from reconciler.core.reasons import AGAIN, Blame, explain

NO_REASON = "SageMaker gives no reason"
QUIET = Watched()


@dataclass(frozen=True, slots=True)
class Served:
    """It serves."""


@dataclass(frozen=True, slots=True)
class Unserved:
    """SageMaker took it and does not serve it; who is to blame is judged by `judge`."""

    reason: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """The release is at fault: its container, or an alarm that it set off. It is not tried again by itself."""

    reason: str


@dataclass(frozen=True, slots=True)
class Troubled:
    """AWS is at fault, or nobody knows: the release may well serve another time."""

    reason: str
    remedy: str
    soon: bool = False
    """Whether it may serve within minutes: worth another try in the same run."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """SageMaker had no part in it: Terraform failed for another reason, and says which."""


Outcome = Served | Unserved | Troubled | Elsewhere


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
    return Unserved(after.failure or f"{NO_REASON}; it serves {after.configuration} and is {after.status}")


def judge(reason: str, alarms: Watched = QUIET) -> Rejected | Troubled:
    """Who is to blame that a release does not serve; only what is known to be the release's fault is held against it.

    `alarms`: what those of its endpoint did meanwhile.
    """
    known = explain(reason)
    blame = known.row.blame
    if blame is Blame.RELEASE:
        return Rejected(reason)
    if blame is not Blame.NOBODY:
        return Troubled(reason, known.remedy, soon=blame is Blame.ROLE)
    if alarms.before:
        return Troubled(reason, _see_to(alarms.before))
    if blamed := alarms.blamed(reason):
        return Rejected(f"{reason} (while it was rolled out, an alarm went off: {', '.join(blamed)})")
    return Troubled(reason, known.remedy)


def _see_to(alarms: Sequence[Alarm]) -> str:
    return (
        f"no release is to blame for an alarm that fired before its update began ({told(alarms)}): see to it; {AGAIN}"
    )


def remedy_of(reason: str) -> str:
    """What helps against a failure that is not known to be the release's; empty for one that is."""
    return explain(reason).remedy


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
