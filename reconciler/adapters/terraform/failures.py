"""Why Terraform did not do what it was asked to, as an error with a remedy. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from reconciler.adapters.conflicts import busy, is_conflict
from reconciler.adapters.terraform.events import Diagnostic, Lock, held_lock, plain
from reconciler.adapters.terraform.locks import is_unreleased, kept_lock
from reconciler.adapters.terraform.streaming import ASKED, Ending
from reconciler.core.reasons import Blame, Known, explain_first, names_young_role
from reconciler.errors import (
    AlreadyThere,
    Interrupted,
    LockKept,
    ReconcilerError,
    SettingsMissing,
    StateLocked,
    TerraformFailed,
)

INSTALL = "install Terraform 1.11 or newer: https://developer.hashicorp.com/terraform/install"
SHOWN = 3
"""Errors told in full."""
LONGEST = 300
"""Characters of one line of standard error."""

_OWN = (
    (
        "Failed to query available provider packages",
        "check the network, or put hashicorp/aws into ~/.terraform.d/plugins",
    ),
    ("Failed to read any lines from plugin", "run again with fewer at a time: --parallelism 1"),
)
"""Terraform's own words, which decide on nothing but the remedy that is told; AWS's are in `core/reasons.py`."""
EXISTS = re.compile(r"already[ -]?exist|AlreadyExists|already owned by you", re.IGNORECASE)
"""How AWS says that there is one of that name: by a code of its own (IAM, ECR, S3), or in a sentence (SageMaker, Logs,
Batch, Scheduler). It decides on nothing but a second look: what is there by what name, and whose, says AWS's list."""
WHOSE = "see whose it is: reconcile drift; what is ours is taken in by the next run, for all else choose another name"
UNSAVED = ("Failed to save state", "Failed to persist state to backend")
"""https://github.com/hashicorp/terraform, internal/backend/local/backend_apply.go"""


@dataclass(frozen=True, slots=True)
class Attempt:
    """What was tried: `command` on `stack`, whose state is at `address`."""

    command: str
    stack: str
    address: str

    def __str__(self) -> str:
        return f"terraform {self.command} of {self.stack}"


def failure(attempt: Attempt, ending: Ending, errors: Sequence[Diagnostic], saved: str = "") -> ReconcilerError:
    """The error that a run which did not end well is told as: the reason, then the lock, then the state.

    `saved`: where the state was kept that it could not write.
    """
    errors = errors or _said_otherwise(ending.stderr)
    if ending.stopped and not saved:
        return _stopped(attempt, ending, kept=bool(kept_lock(ending, errors)))
    for found in errors:
        if lock := held_lock(found):
            return _locked(attempt, lock)
        if found.summary.startswith("Unsupported Terraform Core version"):
            return SettingsMissing("this Terraform is too old", INSTALL)
    reasons = [found for found in errors if not is_unreleased(found) and not found.summary.startswith(UNSAVED[1])]
    if not saved and reasons and all(is_conflict(found.sentence) for found in reasons):
        return busy(f"{attempt} did not get through", _told(ending, reasons))
    return _failed(attempt, ending, errors, reasons, saved)


def _failed(
    attempt: Attempt, ending: Ending, errors: Sequence[Diagnostic], reasons: Sequence[Diagnostic], saved: str
) -> TerraformFailed:
    unreleased = [found for found in errors if is_unreleased(found)]
    known = explain_first(found.sentence for found in reasons or unreleased)
    remedy = _own_remedy(reasons) or known.remedy_if_known
    lines = [_reason(attempt, ending, reasons, known)] if reasons or not unreleased else []
    lines += [f"{attempt} could not give its lock back: {_why_unreleased(found)}" for found in unreleased]
    if saved:
        lines.append(f"{attempt} could not write the state to {attempt.address}; it was kept in {saved}")
        put = f"put the state there before anything else: aws s3 cp {saved} {attempt.address}"
        return TerraformFailed("\n  ".join(lines), f"{remedy}; then {put}" if remedy else put)
    there = tuple(dict.fromkeys(found.address for found in reasons if found.address and EXISTS.search(found.sentence)))
    if not reasons and unreleased:
        return LockKept("\n  ".join(lines), remedy)
    if there:
        return AlreadyThere("\n  ".join(lines), remedy or WHOSE, there)
    return TerraformFailed("\n  ".join(lines), remedy)


def _reason(attempt: Attempt, ending: Ending, reasons: Sequence[Diagnostic], known: Known) -> str:
    # AWS's own words say what it refused, and what it is that nobody is let in they leave to the code.
    says = f"{known.says}: " if known.says and known.row.blame in (Blame.CALLER, Blame.ACCOUNT) else ""
    return f"{attempt} failed: {says}{_told(ending, reasons)}"


def _why_unreleased(found: Diagnostic) -> str:
    """What its backend said, without the lock and Terraform's advice, which hold for people without a lease."""
    said = re.search(
        r"Error message: (.+?)\s*(?:Lock Info:|Terraform acquires a state lock|Terraform acquires a lock|$)",
        found.detail,
        re.DOTALL,
    )
    return " ".join(re.sub(r"[│╷╵|]", " ", said[1] if said else found.summary).split())[:LONGEST]


def awaits_role(errors: Sequence[Diagnostic]) -> bool:
    """Whether all that failed is that AWS cannot assume a role, which may have been made a moment ago."""
    return bool(errors) and all(names_young_role(found.sentence) for found in errors)


def _stopped(attempt: Attempt, ending: Ending, *, kept: bool) -> ReconcilerError:
    left = "run again: the lock that it left is released then"
    remedy = left if kept else "run again: it goes on where this ended"
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
        return f"it ended with code {ending.code} and gave no reason"
    more = [f"and {len(told) - SHOWN} more errors"] if len(told) > SHOWN else []
    return "\n  ".join([*told[:SHOWN], *more])


def _said_otherwise(stderr: str) -> tuple[Diagnostic, ...]:
    """What a command that does not speak in JSON said: the lines that begin an error, and of a lock why it stayed.

    The rest, such as a crashed provider's memory, may hold any value of the state.
    """
    lines = (line.strip(" \t│╷╵|") for line in plain(stderr).splitlines())
    told = dict.fromkeys(line.removeprefix("Error: ") for line in lines if line.startswith(("Error: ", "panic: ")))
    found = (Diagnostic("error", line[:LONGEST]) for line in list(told)[:SHOWN])
    return tuple(replace(one, detail=plain(stderr)) if is_unreleased(one) else one for one in found)


def _own_remedy(errors: Sequence[Diagnostic]) -> str:
    text = " ".join(found.sentence for found in errors)
    return next((remedy for sign, remedy in _OWN if sign in text), "")
