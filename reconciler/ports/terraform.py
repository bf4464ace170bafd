"""Terraform, one stack at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from reconciler.core.drift import ResourceDrift
    from reconciler.core.statelock import Remains
    from reconciler.ports.common import Say


class Terraform(Protocol):
    """Runs Terraform for one stack. `kind` is its folder's name; `project` None for a stack of the environment."""

    def apply(self, kind: str, project: str | None, variables: Mapping[str, Any], say: Say) -> None:
        """Apply one stack. Raises TerraformFailed, StateLocked, Interrupted."""
        ...

    def destroy(self, kind: str, project: str | None, variables: Mapping[str, Any], say: Say) -> None:
        """Destroy one stack. Raises TerraformFailed, StateLocked, Interrupted."""
        ...

    def untaint(self, kind: str, project: str | None, address: str, say: Say) -> None:
        """Keep what Terraform would make anew. Raises TerraformFailed, StateLocked, Interrupted."""
        ...

    def remains(self, kind: str, project: str | None) -> tuple[Remains, ...]:
        """When Terraform was started on the stack, on this machine, and died without giving its lock back."""
        ...

    def plan(self, kind: str, project: str | None, variables: Mapping[str, Any], say: Say) -> tuple[ResourceDrift, ...]:
        """What an apply would change, sorted by address. Changes nothing and takes no lock.

        Raises TerraformFailed, Interrupted.
        """
        ...

    def unfinished(self) -> Mapping[str, Any]:
        """Variables of an `establish` that did not come to its end; empty when there is none."""
        ...

    def establish(self, kind: str, variables: Mapping[str, Any], say: Say) -> None:
        """Apply the stack that makes the state bucket: from a local state, which moves into the bucket at the end.

        Goes on where an earlier run was stopped. Raises TerraformFailed, Interrupted.
        """
        ...

    def dissolve(self, kind: str, variables: Mapping[str, Any], empty: Callable[[], None], say: Say) -> None:
        """Destroy the stack that made the state bucket; `empty` empties it once its own state is out.

        Raises TerraformFailed, AwsFailed, Interrupted.
        """
        ...
