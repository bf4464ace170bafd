"""Terraform under the lease: a lock of a state that nobody who lives holds is released, any other one respected."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from reconciler.core import names
from reconciler.core.drift import ResourceDrift
from reconciler.core.statelock import Remains, StateLock, is_left
from reconciler.errors import LockKept, ReconcilerError, StateLocked, TerraformFailed
from reconciler.ports import Say, StateStore, Terraform

UNRELEASED = "could not give its lock back"
"""Stands in the error of a Terraform that said so."""


@dataclass(frozen=True, slots=True)
class LeasedTerraform:
    """Runs another Terraform, and once more when nobody who lives held the lock that stopped it.

    Safe only while we hold the lease: no other reconcile starts a Terraform meanwhile.
    """

    terraform: Terraform
    state: StateStore
    environment: str
    lost: tuple[Remains, ...]
    """What runs of other machines left, that never gave the lease back."""

    def apply(self, kind: str, project: str | None, variables: Mapping[str, Any], say: Say) -> None:
        """Apply one stack. Raises TerraformFailed, StateLocked, Interrupted."""
        self._again(kind, project, say, lambda: self.terraform.apply(kind, project, variables, say))

    def destroy(self, kind: str, project: str | None, variables: Mapping[str, Any], say: Say) -> None:
        """Destroy one stack. Raises TerraformFailed, StateLocked, Interrupted."""
        self._again(kind, project, say, lambda: self.terraform.destroy(kind, project, variables, say))

    def plan(self, kind: str, project: str | None, variables: Mapping[str, Any], say: Say) -> tuple[ResourceDrift, ...]:
        """What an apply would change; it takes no lock. Raises TerraformFailed, Interrupted."""
        return self.terraform.plan(kind, project, variables, say)

    def untaint(self, kind: str, project: str | None, address: str, say: Say) -> None:
        """Keep what Terraform would make anew. Raises TerraformFailed, StateLocked, Interrupted."""
        self._again(kind, project, say, lambda: self.terraform.untaint(kind, project, address, say))

    def remains(self, kind: str, project: str | None) -> tuple[Remains, ...]:
        """When Terraform was started on the stack, on this machine, and died without giving its lock back."""
        return self.terraform.remains(kind, project)

    def unfinished(self) -> Mapping[str, Any]:
        """Variables of an `establish` that did not come to its end; empty when there is none."""
        return self.terraform.unfinished()

    def establish(self, kind: str, variables: Mapping[str, Any], say: Say) -> None:
        """Apply the stack that makes the state bucket. Raises TerraformFailed, StateLocked, Interrupted."""
        self.terraform.establish(kind, variables, say)

    def dissolve(self, kind: str, variables: Mapping[str, Any], empty: Callable[[], None], say: Say) -> None:
        """Destroy the stack that made the state bucket. Raises TerraformFailed, StateLocked, Interrupted."""
        self.terraform.dissolve(kind, variables, empty, say)

    def _again(self, kind: str, project: str | None, say: Say, attempt: Callable[[], None]) -> None:
        if self.lost or self.terraform.remains(kind, project):
            self._release(kind, project, say)  # at once: Terraform would wait for it first
        try:
            attempt()
        except StateLocked:
            if not self._release(kind, project, say):
                raise
            attempt()
        except TerraformFailed as error:
            cleared = not self.terraform.remains(kind, project) or self._cleared(kind, project, error, say)
            if not (isinstance(error, LockKept) and cleared):
                raise

    def _cleared(self, kind: str, project: str | None, error: TerraformFailed, say: Say) -> bool:
        """Release the lock that a Terraform may have kept although it ended in order; whether there is none now."""
        try:
            return self._release(kind, project, say)
        except ReconcilerError as other:
            _tell_also(error, other)
            return False

    def _release(self, kind: str, project: str | None, say: Say) -> bool:
        """Whether the way is free now."""
        key = names.project_key(self.environment, project, kind) if project else names.stack_key(self.environment, kind)
        lock = self.state.locks().get(key)
        if lock is None:
            return True
        if not is_left(lock, (*self.terraform.remains(kind, project), *self.lost)):
            return False
        say(f"releasing the lock of the state, left by a run that has ended: {_told(lock)}")
        self.state.unlock(key, lock.id)
        return True


def _told(lock: StateLock) -> str:
    return f"{lock.who}, since {lock.since:%Y-%m-%d %H:%M:%S UTC}"


def _tell_also(error: TerraformFailed, other: ReconcilerError) -> None:
    """Say in the error of a Terraform why its lock could not be looked after: often the cause of both."""
    told = isinstance(error, LockKept) or UNRELEASED in error.what or not error.remedy
    error.explained_by(other)
    what = error.what if told else f"{error.what}\n  its lock may have stayed: {other.what}"
    next_run = "the next run releases the lock of its state, if it stayed"
    error.amend(what, f"{error.remedy}; {next_run}" if error.remedy else next_run)
