"""The alarms that roll an update of an endpoint back: which fired before it began, and which it set off.

SageMaker watches them during the whole of an update, and ends one that replaces a fleet whose alarm fires already:
https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-configuration.html, "if your old fleet trips the
alarm during the deployment, SageMaker AI terminates your deployment". AWS does not document what SageMaker then says:
the alarms themselves are asked, before and after.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from reconciler.core.since import minute

IGNORED_ALARMS = "ignored_alarms"
"""Variable and output of the stack `deployment`: names of alarms that do not roll the endpoint's update back."""
ROLLBACK = "AutoRollbackConfiguration"
"""Key of SageMaker's DeploymentConfig that holds the alarms:
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_AutoRollbackConfig.html"""


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
        return f"{self.name}, which fires since {self.moment}"

    @property
    def moment(self) -> str:
        """When it came into its state, for a person."""
        return minute(self.since)


@dataclass(frozen=True, slots=True)
class RollbackAlarms:
    """The alarms that would roll one update of an endpoint back, and which of them it goes without."""

    names: tuple[str, ...] = ()
    despite: bool = False
    """Whether it goes without all those that fire when it begins; else only without those that what it replaces set
    off."""

    def ignored(self, alarms: Sequence[Alarm], serves_since: float) -> tuple[Alarm, ...]:
        """Those of `alarms` that the update goes without, as they would end it.

        `serves_since`: when what it replaces came into service, in seconds since the epoch; 0: nobody knows.
        """
        return tuple(one for one in self._firing(alarms) if self.despite or one.since.timestamp() >= serves_since)

    def blocking(self, alarms: Sequence[Alarm], serves_since: float) -> tuple[Alarm, ...]:
        """Those of `alarms` that fire and that the update does not go without: it has to wait."""
        ignored = self.ignored(alarms, serves_since)
        return tuple(one for one in self._firing(alarms) if one not in ignored)

    def _firing(self, alarms: Sequence[Alarm]) -> tuple[Alarm, ...]:
        return tuple(one for one in alarms if one.firing and one.name in self.names)


def alarms_in(guardrails: Mapping[str, Any] | None) -> tuple[str, ...]:
    """Names of the alarms in SageMaker's DeploymentConfig."""
    rollback = (guardrails or {}).get(ROLLBACK) or {}
    return tuple(one["AlarmName"] for one in rollback.get("Alarms") or ())


def told(alarms: Sequence[Alarm]) -> str:
    """Names of alarms that fire, each with since when."""
    return "; ".join(str(one) for one in alarms)


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
