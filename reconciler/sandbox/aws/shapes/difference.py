"""One thing in which a request or an answer differs from AWS's model of it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Path = tuple[str | int, ...]
"""Names of members, numbers of items, keys of maps, from the operation's own shape inwards."""

HIDDEN = object()
"""In the place of a value that the model calls sensitive."""


class Kind(StrEnum):
    """How it differs."""

    UNKNOWN = "unknown member"
    MISSING = "required member is missing"
    TYPE = "wrong type"
    ENUM = "not one of the values"
    LENGTH = "length"
    RANGE = "range"
    PATTERN = "pattern"
    CODE = "an error that the operation does not have"


@dataclass(frozen=True, slots=True)
class Difference:
    """What is where, and what the model asks for."""

    kind: Kind
    path: Path
    value: Any = None
    asked: Any = None
    """The shape's own words: its type, pattern, values or bounds."""

    @property
    def place(self) -> str:
        """Such as `repositories[].imageScanningConfiguration`."""
        return "".join("[]" if isinstance(part, int) else f".{part}" for part in self.path).lstrip(".")

    def __str__(self) -> str:
        return f"{self.place}: {self.kind} ({self.asked}): {str(self.value)[:80]!r}"


class Mismatch(Exception):
    """A value that is not of its shape's type."""
