"""The alarms that roll an update of an endpoint back: which fired before it began, and which it set off.

AWS does not document what SageMaker says of a rollback by an alarm: the alarms themselves are asked, before and after.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm of CloudWatch's, as it stood when it was read."""

    name: str
    state: str
    """OK, ALARM or INSUFFICIENT_DATA."""
    since: datetime
    """When it came into this state, by AWS's clock."""

    @property
    def firing(self) -> bool:
        """Whether SageMaker would roll an update back because of it."""
        return self.state == "ALARM"

    def __str__(self) -> str:
        return f"{self.name}, which fires since {self.since.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


@dataclass(frozen=True, slots=True)
class Watched:
    """What the alarms of an endpoint did around one update of it."""

    before: tuple[Alarm, ...] = ()
    """Those that fired already when it began: no release is to blame for them."""
    tripped: tuple[str, ...] = ()
    """Names of those that went off while it lasted."""
    quiet: tuple[str, ...] = ()
    """Names of those that did not fire when it began."""

    def blamed(self, reason: str) -> tuple[str, ...]:
        """Names of those that a release set off: they did go off, or SageMaker's `reason` names them."""
        return self.tripped or tuple(name for name in self.quiet if name in reason)


def watched(first: Sequence[Alarm], last: Sequence[Alarm], began: float | None = None) -> Watched:
    """What the alarms did between two readings of them.

    `began` is when the update did, in seconds since the epoch, when it was before the first reading; None: after it.
    """
    old = tuple(one for one in first if one.firing and (began is None or one.since.timestamp() < began))
    firing = {one.name for one in old}
    quiet = tuple(one.name for one in first if one.name not in firing)
    moved = {one.name for one in first if one.firing} | {one.name for one in last if _went_off(one, first)}
    return Watched(old, tuple(sorted(moved - firing)), quiet)


def _went_off(now: Alarm, first: Sequence[Alarm]) -> bool:
    """It fires, or it was OK, is OK again, and was something else in between.

    Ours take missing data for good: that something is ALARM. Of one that was not seen before nobody knows since when.
    """
    past = next((one for one in first if one.name == now.name), None)
    if past is None:
        return False
    return now.firing or (past.state == now.state == "OK" and past.since != now.since)
