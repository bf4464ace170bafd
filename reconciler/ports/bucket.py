"""The state bucket: states, refusals, the lease and the history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconciler.core.history import Record
    from reconciler.core.lease import Lease, Seen
    from reconciler.core.observed import Refusal
    from reconciler.core.statelock import StateLock
    from reconciler.ports.common import Say, StackState


class StateStore(Protocol):
    """The state bucket: Terraform's states (read only) and our own refusals."""

    def stacks(self) -> Mapping[str, StackState]:
        """Outputs of every stack of the environment that holds a resource, by state key. Raises ReadFailed."""
        ...

    def refusals(self) -> Mapping[str, tuple[Refusal, ...]]:
        """Refused releases by project. Raises ReadFailed."""
        ...

    def refuse(self, project: str, refusal: Refusal) -> None:
        """Remember that a release was refused."""
        ...

    def forgive(self, project: str) -> int:
        """Forget every refusal of a project; returns how many there were."""
        ...

    def create(self, region: str) -> None:
        """Make the bucket, or find it made. Raises AwsFailed."""
        ...

    def exists(self) -> bool:
        """Whether the bucket is there, and ours to use. Raises ReadFailed."""
        ...

    def strangers(self) -> tuple[str, ...]:
        """Keys in the bucket that belong to other environments, or to nothing of ours. Raises ReadFailed."""
        ...

    def empty(self) -> None:
        """Delete every object of the environment with all its versions. Raises AwsFailed."""
        ...

    def forget(self, key: str) -> None:
        """Delete the state object of a stack that was destroyed. Refuses one that still holds resources."""
        ...

    def tainted(self, key: str) -> tuple[str, ...]:
        """Addresses of what Terraform would make anew in the state `key`, as it was stopped while it made it.

        Empty when there is no such state. Raises ReadFailed.
        """
        ...

    def locks(self) -> Mapping[str, StateLock]:
        """Terraform's locks in the environment, by the key of the state that each one locks. Raises ReadFailed."""
        ...

    def unlock(self, key: str, lock: str) -> bool:
        """Delete the lock of the state `key` if it still is the one with this id; whether it was.

        Raises ReadFailed, AwsFailed.
        """
        ...


class Leases(Protocol):
    """The lease of the environment, in the state bucket."""

    def read(self, *, brief: bool = False) -> Seen | None:
        """The lease as it stands; None when nobody ever took it. `brief` as in `write`. Raises ReadFailed."""
        ...

    def write(self, lease: Lease, over: str | None, *, brief: bool = False) -> str | None:
        """Put it in the place of version `over`, None when there was none, and return its own version.

        `brief` is one try of a few seconds, whether or not somebody asked to stop. None when somebody else was quicker.
        Raises AwsFailed, ReadFailed.
        """
        ...


class History(Protocol):
    """What became of each run, in the state bucket: written once, never changed."""

    def append(self, record: Record) -> None:
        """Raises AwsFailed."""
        ...

    def records(self, limit: int | None = None, note: Say | None = None) -> tuple[Record, ...]:
        """The newest first. `note` is told of those that cannot be understood. Raises ReadFailed."""
        ...
