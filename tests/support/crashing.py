"""A world whose user is killed at a chosen call, so that a test can look at what the next run makes of it.

for world in crashing(cloud_of_a_test):        # or by hand: world = doomed(cloud.world, Fate(at=3, after=True))
    with contextlib.suppress(Killed): ...
"""

import itertools
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields, replace
from typing import Any

from reconciler.ports import World


class Killed(BaseException):
    """SIGKILL, as far as a test in one process can have it: nothing catches it, and nothing works after it."""


@dataclass
class Fate:
    """Kills at the call number `at`, counted from 0 over all ports: before its effect, or `after` it."""

    at: int
    after: bool = False
    calls: list[str] = field(default_factory=list)
    """`port.method` of every call, in order."""
    struck: bool = False
    """Whether it came to the call."""
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def call(self, words: str, function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        with self._lock:
            if self.struck:
                raise Killed(words)
            self.calls.append(words)
            self.struck = len(self.calls) > self.at
            if not self.struck or self.after:
                answer = function(*arguments, **named)
            if self.struck:
                raise Killed(f"at {words}")
            return answer


class _Port:
    def __init__(self, name: str, port: Any, fate: Fate) -> None:
        self._name, self._port, self._fate = name, port, fate

    def __getattr__(self, method: str) -> Any:
        found = getattr(self._port, method)
        if not callable(found):
            return found
        return lambda *args, **named: self._fate.call(f"{self._name}.{method}", found, *args, **named)


def doomed(world: World, fate: Fate) -> World:
    """The world with every port under the same fate; `cancel` and `redact` are none."""
    ports = [one.name for one in fields(world) if one.name not in ("cancel", "redact")]
    return replace(world, **{name: _Port(name, getattr(world, name), fate) for name in ports})


def fates() -> Iterator[Fate]:
    """Every place to be killed at, until a run comes to its end: the caller tries each, and stops at one not struck."""
    for at in itertools.count():
        for after in (False, True):
            fate = Fate(at, after)
            yield fate
            if not fate.struck:
                return
