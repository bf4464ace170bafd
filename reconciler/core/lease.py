"""The lease of an environment: who may change it now, and who may next. Pure: times come from outside."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

PERIOD = 60.0
"""Seconds that a lease lasts after its last heartbeat."""
GRAIN = 2.0
"""Seconds by which S3's own times, given in whole seconds, may be wrong about an object's age."""
BEAT = 12.0
"""Seconds between two heartbeats: four may fail before a lease is over."""
REMEMBERED = timedelta(days=7)
"""How long it is known who held the lease and did not give it back."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who runs a reconcile, where, and why."""

    user: str
    host: str
    place: str
    """Digest of what tells one set of process ids from another: host, boot, and pid namespace."""
    pid: int
    born: str
    """When its process began, as the operating system writes it: process ids are used again."""
    trigger: str
    """Such as `push`, `schedule` or `by hand`."""
    url: str = ""
    """Of the CI run."""
    commit: str = ""
    """40 hex digits; empty outside a git repository."""


@dataclass(frozen=True, slots=True)
class Tenure:
    """Time in which somebody held the lease, without giving it back."""

    host: str
    acquired: datetime
    renewed: datetime
    """Of the last heartbeat, by the holder's clock."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to change an environment."""

    id: str
    """Of the run that holds it."""
    number: int
    """Fencing number: one more than that of the lease before."""
    holder: Holder
    acquired: datetime
    renewed: datetime
    released: bool = False
    lost: tuple[Tenure, ...] = ()
    """Earlier ones that were never given back, the newest first."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The lease as it stands in the bucket."""

    lease: Lease
    version: str
    """Changes with every write."""
    age: float
    """Seconds since the last write, by the bucket's clock: no other clock tells whether a lease is over."""


def is_free(seen: Seen | None, *, gone: bool) -> bool:
    """Whether anybody may take the lease; `gone`: its holder's process is known to have ended."""
    return seen is None or seen.lease.released or gone or seen.age > PERIOD + GRAIN


def succeed(before: Lease | None, holder: Holder, run: str, now: datetime) -> Lease:
    """The lease of a run that comes after `before`."""
    if before is None:
        return Lease(run, 1, holder, now, now)
    kept = tuple(tenure for tenure in lost(before) if now - tenure.renewed < REMEMBERED)
    return Lease(run, before.number + 1, holder, now, now, lost=kept)


def lost(lease: Lease) -> tuple[Tenure, ...]:
    """Tenures that were never given back once this lease is over, the newest first."""
    own = () if lease.released else (Tenure(lease.holder.host, lease.acquired, lease.renewed),)
    return (*own, *lease.lost)


def beat(lease: Lease, now: datetime) -> Lease:
    """The lease after a heartbeat."""
    return replace(lease, renewed=now)


def give_back(lease: Lease) -> Lease:
    """The lease as it is left: its number goes on counting."""
    return replace(lease, released=True)


def unlock(lease: Lease) -> Lease:
    """The lease after somebody took it from its holder, who is believed to be dead."""
    return replace(lease, released=True, lost=lost(lease))
