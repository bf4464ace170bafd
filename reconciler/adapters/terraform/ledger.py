"""Which Terraform may have left its lock: one that was not seen to end, or that could not give it back."""

import json
import time
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socket import gethostname
from typing import Any

from reconciler.adapters.machine import born, place
from reconciler.adapters.terraform.locks import Kept
from reconciler.core.lease import REMEMBERED
from reconciler.core.statelock import SKEW, Remains

LOCKED_WITHIN = timedelta(minutes=2)
"""Terraform notes the time for its lock right after its start, before it waits for anybody."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One run of Terraform on the state at `address`."""

    path: Path
    address: str

    def began(self, pid: int) -> None:
        """Note its process."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        started = datetime.now(UTC).isoformat()
        note = {"address": self.address, "started": started, "place": place(), "pid": pid, "born": born(pid)}
        self.path.write_text(json.dumps(note), encoding="utf-8")

    def ended(self, kept: Kept) -> None:
        """Strike it out, unless its lock may have stayed: then note when it ended, or which lock that is."""
        if not kept:
            self.path.unlink(missing_ok=True)
        elif self.path.exists():
            note = json.loads(self.path.read_text(encoding="utf-8"))
            ended = {} if kept.killed else {"ended": datetime.now(UTC).isoformat()}
            self.path.write_text(json.dumps({**note, **ended, "lock": kept.lock}), encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Ledger:
    """One file for each run, in `folder`."""

    folder: Path

    def open(self, address: str) -> Entry:
        """The entry of a run that is about to begin."""
        self._forget()
        return Entry(self.folder / f"{uuid.uuid4().hex}.json", address)

    def dead(self, address: str) -> tuple[Remains, ...]:
        """When a Terraform was started on the state whose process is gone, although nobody saw it end in order."""
        found = (_remains(path, address) for path in sorted(self.folder.glob("*.json")))
        return tuple(one for one in found if one)

    def _forget(self) -> None:
        for path in self.folder.glob("*.json"):
            with suppress(FileNotFoundError):  # another process forgets as well
                if time.time() - path.stat().st_mtime > REMEMBERED.total_seconds():
                    path.unlink()


def _remains(path: Path, address: str) -> Remains | None:
    try:
        note = json.loads(path.read_text(encoding="utf-8"))
        started = datetime.fromisoformat(note["started"])
        gone = note["place"] == place() and born(note["pid"]) != note["born"]
        if note["address"] != address or not gone:
            return None
        return _within(started, note)
    except (OSError, ValueError, KeyError, TypeError):  # half written, or just struck out
        return None


def _within(started: datetime, note: Mapping[str, Any]) -> Remains:
    # Of one that ended in order the end is exact: another Terraform may have begun right after it.
    ended = note.get("ended")
    latest = datetime.fromisoformat(ended) - SKEW if ended else started + LOCKED_WITHIN
    return Remains(gethostname(), started, latest, note.get("lock", ""))
