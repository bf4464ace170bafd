"""Terraform's lock of a state: held by a run that lives, or left by one that does not. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from reconciler.core.lease import PERIOD, Tenure

SILENCE = timedelta(minutes=15)
"""Without a heartbeat for so long, what a run of another machine had begun has ended: it stops its Terraform itself
when it cannot renew its lease, and a machine that is gone took Terraform with it."""
SKEW = timedelta(seconds=5)
"""Terraform writes its own clock's time, in the same machine as the reconciler's."""


@dataclass(frozen=True, slots=True)
class StateLock:
    """What stands in a state's `.tflock`."""

    id: str
    who: str
    """`user@host`"""
    operation: str
    """`apply`, `destroy`, `plan`; empty when Terraform does not say."""
    since: datetime | None
    """None when it cannot be understood."""

    @property
    def host(self) -> str:
        """Where Terraform took it."""
        return self.who.rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class Remains:
    """A time in which a Terraform that has ended since may have taken a lock, and where it ran."""

    host: str
    earliest: datetime
    latest: datetime
    lock: str = ""
    """Id of the lock that it could not give back, where it said so: then it is that one and no other."""


def of_tenures(tenures: Iterable[Tenure], now: datetime) -> tuple[Remains, ...]:
    """What the tenures that nobody gave back left, once nothing of theirs can be running any more."""
    over = (tenure for tenure in tenures if now - tenure.renewed > SILENCE)
    return tuple(Remains(one.host, one.acquired, one.renewed + timedelta(seconds=PERIOD)) for one in over)


def is_left(lock: StateLock, remains: Iterable[Remains]) -> bool:
    """Whether the one who took the lock is dead for certain. What is not known to be dead is alive."""
    return any(_fits(lock, one) for one in remains)


def _fits(lock: StateLock, one: Remains) -> bool:
    if one.lock:
        return one.lock == lock.id
    since = lock.since
    return since is not None and one.host == lock.host and one.earliest - SKEW <= since <= one.latest + SKEW
