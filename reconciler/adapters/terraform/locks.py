"""Whether a Terraform that has ended may have left the lock of its state. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from reconciler.adapters.terraform.events import Diagnostic, held_lock, lock_in, plain
from reconciler.adapters.terraform.streaming import Ending

UNRELEASED = "Error releasing the state lock"
"""Terraform's words when its backend did not let it; the lock stands below.
https://github.com/hashicorp/terraform, internal/command/clistate/state.go"""
UNREAD = "error loading state"
"""Terraform's words when it had its lock and could not read the state: that the lock could not be given back either,
which then has the same cause, it does not say.
https://github.com/hashicorp/terraform, internal/backend/local/backend_local.go"""


@dataclass(frozen=True, slots=True)
class Kept:
    """What is known of the lock of a Terraform that has ended; false when it has none."""

    may_be: bool
    lock: str = ""
    """Its id, if Terraform said that it could not give it back."""
    killed: bool = False

    def __bool__(self) -> bool:
        return self.may_be


def kept_lock(ending: Ending, errors: Sequence[Diagnostic]) -> Kept:
    """What is known of its lock, from what it said."""
    told = (*errors, Diagnostic("error", plain(ending.stderr)))
    if ending.code < 0:
        return Kept(may_be=True, killed=True)
    if ending.code == 0 or any(held_lock(one) for one in told):
        return Kept(may_be=False)
    for one in told:
        if is_unreleased(one):
            return Kept(may_be=True, lock=lock_in(f"{one.summary}\n{one.detail}").id)
    return Kept(may_be=any(UNREAD in one.summary for one in told))


def is_unreleased(found: Diagnostic) -> bool:
    """Whether an error is that a lock could not be given back."""
    return UNRELEASED in found.summary
