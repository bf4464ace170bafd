"""What was held against the models, and what differed: a file for each server, which the tests read."""

import json
import os
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

from reconciler.sandbox.aws.faults.calls import Call
from reconciler.sandbox.aws.shapes import model
from reconciler.sandbox.aws.shapes.difference import Difference

FOLDER = "RECONCILE_SANDBOX_SHAPES"
"""The environment variable that asks for the record, and says where."""
REQUEST, ANSWER, UNCHECKED = "request", "answer", "unchecked"


@dataclass(frozen=True, slots=True)
class Seen:
    """A difference of one operation."""

    operation: str
    """`service:Operation`."""
    where: str
    """In its request or its answer, or that neither could be held against a model."""
    kind: str = ""
    place: str = ""
    example: str = ""

    @property
    def key(self) -> str:
        """What tells it from others."""
        return " ".join(filter(None, (self.operation, self.where, self.kind, self.place)))


class Record:
    """Writes a line for each call, and one for each difference that is new."""

    def __init__(self, folder: Path) -> None:
        self._lock = threading.Lock()
        self._known: set[str] = set()
        with NamedTemporaryFile("w", dir=folder, prefix="shapes-", suffix=".jsonl", delete=False) as file:
            self._path = Path(file.name)

    def note(self, call: Call, request: Sequence[Difference], answer: Sequence[Difference]) -> None:
        """Keep a call and its differences."""
        found = [*(seen(call, REQUEST, one) for one in request), *(seen(call, ANSWER, one) for one in answer)]
        if model.operation(call.service, call.operation) is None:
            found.append(Seen(call.name, UNCHECKED))
        with self._lock:
            new = [asdict(one) for one in found if one.key not in self._known]
            self._known.update(one.key for one in found)
            with self._path.open("a", encoding="utf-8") as file:
                file.writelines(json.dumps(line) + "\n" for line in ({"call": call.name}, *new))


def seen(call: Call, where: str, one: Difference) -> Seen:
    """A difference as it is told apart from others."""
    return Seen(call.name, where, one.kind.name.lower(), one.place, str(one))


def wanted() -> Record | None:
    """The record that this process is asked for."""
    folder = os.environ.get(FOLDER)
    return Record(Path(folder)) if folder else None
