"""Small things that every port speaks of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from reconciler.core.redaction import Redactor

if TYPE_CHECKING:
    from datetime import datetime

StackState = Mapping[str, Any]
"""Outputs of one applied stack, by name: plain JSON values; under `RESOURCES`, addresses of what its state holds."""
RESOURCES = "@resources"
"""No output can have this name."""

REDACT = Redactor()
"""Knows no secret but those that look like one."""

Say = Callable[[str], None]
"""Takes one line of progress."""
Check = Callable[[], None]
"""Raises ReconcilerError when something is not as it was."""


class Cancel(Protocol):
    """Asks every wait to end early; `threading.Event` is one."""

    def is_set(self) -> bool:
        """Whether somebody asked to stop."""
        ...

    def wait(self, timeout: float | None = None) -> bool:
        """Sleep for `timeout` seconds; True at once when somebody asks to stop."""
        ...

    def set(self) -> None:
        """Ask everything to stop."""
        ...


class Clock(Protocol):
    """The time."""

    def now(self) -> datetime:
        """Current time, UTC."""
        ...
