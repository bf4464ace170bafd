"""What the sandboxes of a test session held against AWS's models, and what is to be said of it at the end.

As a program, after all sessions of `make test`: fails also for a known difference that nothing showed any more.
"""

import atexit
import json
import os
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

from reconciler.sandbox.aws.shapes import known
from reconciler.sandbox.aws.shapes.record import FOLDER, Seen


@dataclass(frozen=True, slots=True)
class Held:
    """All records together."""

    calls: Counter[str]
    seen: tuple[Seen, ...]

    @property
    def unexplained(self) -> list[str]:
        """Differences that no list has."""
        examples = {one.key: one.example for one in self.seen if not known.reason(one.key)}
        return [f"{key}: {example}" for key, example in sorted(examples.items())]

    @property
    def stale(self) -> list[str]:
        """Entries of the lists that nothing was seen of."""
        keys = {one.key for one in self.seen}
        forms = {**known.ACCEPTED, **known.ANSWERED}
        return [form for form in forms if not any(known.matches(key, form) for key in keys)]

    def lines(self) -> Iterator[str]:
        """For the end of the session."""
        if not self.calls:
            return
        explained = len({one.key for one in self.seen if known.reason(one.key)})
        yield (
            f"AWS's models: {self.calls.total():,} calls of {len(self.calls)} operations held against them, "
            f"{explained} known differences seen"
        )
        yield from (f"differs from AWS's model: {one}" for one in self.unexplained)


def ask() -> Path:
    """Have every sandbox that this session starts keep a record; workers take their main process's folder."""
    if FOLDER not in os.environ:
        os.environ[FOLDER] = mkdtemp(prefix="shapes-")
        atexit.register(shutil.rmtree, os.environ[FOLDER], ignore_errors=True)
    return Path(os.environ[FOLDER])


def held(folder: Path) -> Held:
    """What is recorded in a folder."""
    lines = [line for file in folder.glob("*.jsonl") for line in _lines(file)]
    calls = Counter(line["call"] for line in lines if "call" in line)
    return Held(calls, tuple(Seen(**line) for line in lines if "call" not in line))


def _lines(file: Path) -> Iterator[dict[str, str]]:
    for line in file.read_text(encoding="utf-8").splitlines():
        try:
            yield json.loads(line)
        except ValueError:  # the last line of a server that was killed
            continue


def main() -> int:
    """After a whole run."""
    found = held(ask())
    for line in (
        *found.lines(),
        *(f"known, and no longer seen: take it out of the list: {form}" for form in found.stale),
    ):
        sys.stdout.write(f"{line}\n")
    return 1 if found.unexplained or found.stale else 0


if __name__ == "__main__":
    sys.exit(main())
