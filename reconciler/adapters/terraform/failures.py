"""Why Terraform did not do what it was asked to, as an error with a remedy. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from reconciler.adapters.conflicts import busy, is_conflict
from reconciler.adapters.terraform.events import Diagnostic, Lock, held_lock
from reconciler.adapters.terraform.streaming import ASKED, Ending
from reconciler.core.reasons import QUOTA, ROLE, names_young_role
from reconciler.errors import Interrupted, ReconcilerError, SettingsMissing, StateLocked, TerraformFailed

INSTALL = "install Terraform 1.11 or newer: https://developer.hashicorp.com/terraform/install"
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
"""Terraform colours its errors even where nobody looks, unless it tells them in JSON."""
SHOWN = 3
"""Errors told in full."""
LONGEST = 300
"""Characters of one line of standard error."""

# These words decide on nothing but the remedy that is told: without one of them, there is none.
_REMEDIES = (
    (
        "Failed to query available provider packages",
        "check the network, or put hashicorp/aws into ~/.terraform.d/plugins",
    ),
    ("No valid credential sources found", "sign in (`aws sso login`), or set AWS_PROFILE"),
    ("ExpiredToken", "sign in again (`aws sso login`)"),
    ("S3 bucket does not exist", "create the state bucket, or correct state_bucket in the manifest"),
    ("NoSuchBucket", "create the state bucket, or correct state_bucket in the manifest"),
    ("ResourceLimitExceeded", QUOTA),
    ("InsufficientInstanceCapacity", "AWS has none left for now: run again later, or take another instance type"),
    ("already exist", "see whose it is (reconcile drift); ours that nothing uses may be deleted, then run again"),
    ("AlreadyExists", "see whose it is (reconcile drift); ours that nothing uses may be deleted, then run again"),
    ("ConflictException", "see whose it is (reconcile drift); ours that nothing uses may be deleted, then run again"),
    ("Failed to read any lines from plugin", "run again with fewer at a time: --parallelism 1"),
)


@dataclass(frozen=True, slots=True)
class Attempt:
    """What was tried: `command` on `stack`, whose state is at `address`."""

    command: str
    stack: str
    address: str

    def __str__(self) -> str:
        return f"terraform {self.command} of {self.stack}"


def failure(attempt: Attempt, ending: Ending, errors: Sequence[Diagnostic]) -> ReconcilerError:
    """The error that a run which did not end well is told as."""
    if ending.stopped:
        return _stopped(attempt, ending)
    for found in errors:
        if lock := held_lock(found):
            return _locked(attempt, lock)
        if found.summary.startswith("Unsupported Terraform Core version"):
            return SettingsMissing("this Terraform is too old", INSTALL)
    told = _told(ending, errors)
    if errors and all(is_conflict(found.sentence) for found in errors):
        return busy(f"{attempt} did not get through", told)
    return TerraformFailed(f"{attempt} failed: {told}", _remedy(errors))


def awaits_role(errors: Sequence[Diagnostic]) -> bool:
    """Whether all that failed is that AWS cannot assume a role, which may have been made a moment ago."""
    return bool(errors) and all(names_young_role(found.sentence) for found in errors)


def lost_state(attempt: Attempt, saved: str) -> TerraformFailed:
    """Terraform changed the world and could not write its state to the bucket."""
    what = f"{attempt} could not write the state to {attempt.address}; it was kept in {saved}"
    return TerraformFailed(what, f"put it there before anything else: aws s3 cp {saved} {attempt.address}")


def _stopped(attempt: Attempt, ending: Ending) -> ReconcilerError:
    killed = ending.code < 0
    left = "run again: the lock that it left is released then"
    remedy = left if killed else "run again: it goes on where this ended"
    if ending.stopped == ASKED:
        return Interrupted(f"{attempt} was stopped", remedy)
    return TerraformFailed(f"{attempt} was stopped: {ending.stopped}", remedy)


def _locked(attempt: Attempt, lock: Lock) -> StateLocked:
    doing = f" for {lock.operation}" if lock.operation else ""
    since = f" since {lock.since}" if lock.since else ""
    what = f"{attempt} did not start: {lock.who} holds the lock of its state{doing}{since}"
    remedy = f"wait until it is done; if nothing runs any more, remove the lock: aws s3 rm {attempt.address}.tflock"
    return StateLocked(what, remedy)


def _told(ending: Ending, errors: Sequence[Diagnostic]) -> str:
    told = list(dict.fromkeys(found.sentence for found in errors))
    if not told:
        return _summaries(ending.stderr) or f"it ended with code {ending.code} and gave no reason"
    more = [f"and {len(told) - SHOWN} more errors"] if len(told) > SHOWN else []
    return "\n  ".join([*told[:SHOWN], *more])


def _summaries(stderr: str) -> str:
    """The lines that begin an error. The rest, such as a crashed provider's memory, may hold any value of the state."""
    lines = (line.strip(" \t│╷╵|") for line in _COLOURS.sub("", stderr).splitlines())
    told = dict.fromkeys(line.removeprefix("Error: ") for line in lines if line.startswith(("Error: ", "panic: ")))
    return "\n  ".join(line[:LONGEST] for line in list(told)[:SHOWN])


def _remedy(errors: Sequence[Diagnostic]) -> str:
    text = " ".join(found.sentence for found in errors)
    known = next((remedy for sign, remedy in _REMEDIES if sign in text), "")
    return known or (ROLE if any(names_young_role(found.sentence) for found in errors) else "")
