"""What a reader finds wrong, gathered until everything was read."""

from dataclasses import dataclass, field

from yaml import Node

from reconciler.mlproject.values import Fault, ProjectInvalid


@dataclass(slots=True)
class Findings:
    """Faults of one project's files, in the order in which they were met."""

    faults: list[Fault] = field(default_factory=list)

    def add(self, file: str, where: Node | int, key: str, what: str) -> None:
        """One more; `where` is a line, or the YAML node on it."""
        self.faults.append(Fault(file, where if isinstance(where, int) else line_of(where), key, what))

    def check(self) -> None:
        """Raises ProjectInvalid when anything was found."""
        if self.faults:
            raise ProjectInvalid(sorted(dict.fromkeys(self.faults), key=lambda one: (one.file, one.line)))


def line_of(node: Node) -> int:
    """The line that a node begins on; the first is 1."""
    return int(node.start_mark.line) + 1
