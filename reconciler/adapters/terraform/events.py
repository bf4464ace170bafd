"""Terraform's `-json` stream, line by line. Pure. Values and outputs are never shown: they may be secret."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_WORDS = {
    "create": ("creating", "created"),
    "update": ("updating", "updated"),
    "delete": ("destroying", "destroyed"),
    "read": ("reading", "read"),
}

_LOCKED = ("Error acquiring the state lock", "failed to lock s3 state")
"""Terraform's words; the second for a state that is not there yet."""

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
"""Terraform colours its errors even where nobody looks, unless it tells them in JSON."""

Event = Mapping[str, Any]

PATIENCE = 30
"""Seconds between two signs of life of one resource; Terraform gives one every ten."""


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """An error or a warning of Terraform's."""

    severity: str
    summary: str
    detail: str = ""
    address: str = ""
    """Of the resource it is about."""
    place: str = ""
    """`file:line`"""

    @property
    def is_error(self) -> bool:
        """Whether Terraform stopped for it."""
        return self.severity == "error"

    @property
    def sentence(self) -> str:
        """In one line: summary, detail, and where."""
        told = f"{self.summary}: {self.detail}" if self.detail and self.detail != self.summary else self.summary
        where = ", ".join(part for part in (self.address, self.place) if part)
        return " ".join(told.split()) + (f" ({where})" if where else "")


@dataclass(frozen=True, slots=True)
class Lock:
    """Who holds the lock of a state."""

    id: str
    who: str
    operation: str
    since: str


def parse(line: str) -> Event | None:
    """The event in a line; None for text that is none."""
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) and "type" in event else None


def progress(event: Event) -> str | None:
    """What a person wants to know of an event while it happens; None for the rest, known or not."""
    match event:
        case {"type": str(kind), "hook": {"resource": {"addr": str(address)}, "action": str(action), **hook}}:
            return _step(kind, action, address, float(str(hook.get("elapsed_seconds", 0))))
        case {"type": "change_summary", "changes": {"operation": "plan"}}:
            return _counts(event["changes"])
        case _:
            return None


def planned(event: Event) -> tuple[str, str] | None:
    """Address and action of a change that a plan holds; None for every other event.

    What a plan tells as `resource_drift` is no sign of anything: it tells null against {} too.
    """
    match event:
        case {
            "type": "planned_change",
            "change": {
                "resource": {"addr": str(address)},
                "action": "create" | "update" | "replace" | "delete" as does,
            },
        }:
            return address, str(does)
        case _:
            return None


def changed_fields(plan: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Names of the attributes that a plan in JSON changes, by address of their resource. No value leaves this page."""
    changes = {one["address"]: one["change"] for one in plan.get("resource_changes", ())}
    return {
        address: _fields(change.get("before") or {}, change.get("after") or {}) for address, change in changes.items()
    }


def _fields(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    # What is made or deleted differs in everything: that tells nothing.
    names = {*before, *after} if before and after else set()
    return tuple(sorted(name for name in names if before.get(name) != after.get(name)))


def _step(kind: str, action: str, address: str, seconds: float) -> str | None:
    doing, done = _WORDS.get(action, (action, action))
    match kind:
        case "apply_errored":
            return f"failed {doing} {address}"
        case _ if action == "read":
            return None
        case "apply_start":
            return f"{doing} {address}"
        case "apply_progress" if seconds % PATIENCE == 0:
            return f"still {doing} {address}, {seconds:.0f} s"
        case "apply_complete" if seconds >= 1:
            return f"{done} {address} in {seconds:.0f} s"
        case _:
            return None


def _counts(changes: Mapping[str, int]) -> str:
    add, change, remove = (changes.get(kind, 0) for kind in ("add", "change", "remove"))
    return f"{add} to add, {change} to change, {remove} to destroy"


def diagnostic(event: Event) -> Diagnostic | None:
    """The diagnostic that an event carries."""
    match event:
        case {"type": "diagnostic", "diagnostic": {"severity": str(severity), "summary": str(summary)}}:
            found = event["diagnostic"]
            return Diagnostic(severity, summary, found.get("detail", ""), found.get("address", ""), _place(found))
        case _:
            return None


def _place(found: Mapping[str, Any]) -> str:
    match found:
        case {"range": {"filename": filename, "start": {"line": line}}}:
            return f"{filename}:{line}"
        case _:
            return ""


def held_lock(found: Diagnostic) -> Lock | None:
    """The lock that kept Terraform from starting."""
    text = f"{found.summary}\n{found.detail}"
    if not any(sign in text for sign in _LOCKED):
        return None
    return lock_in(text)


def plain(text: str) -> str:
    """A text of Terraform's without its colours."""
    return _COLOURS.sub("", text)


def lock_in(text: str) -> Lock:
    """The lock that a text of Terraform's tells of."""
    # A command that does not speak in JSON draws a line before each of its own.
    fields = dict(re.findall(r"^[\s│╷╵|]*(ID|Who|Operation|Created):[ \t]*(.+?)\s*$", text, re.MULTILINE))
    return Lock(
        id=fields.get("ID", ""),
        who=fields.get("Who", "somebody"),
        operation=fields.get("Operation", "").removeprefix("OperationType").lower(),
        since=fields.get("Created", ""),
    )
