"""Faults of every port, drawn from a seed: the same whatever the threads do."""

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from reconciler.errors import (
    AnswerLost,
    AwsFailed,
    BuildFailed,
    ReadFailed,
    ReconcilerError,
    RegistryFailed,
    TerraformFailed,
)
from reconciler.ports import World

FAILS: dict[str, tuple[type[ReconcilerError], ...]] = {
    "state": (AwsFailed,),
    "terraform": (TerraformFailed,),
    "endpoints": (AwsFailed,),
    "images": (BuildFailed, AwsFailed),
    "registry": (RegistryFailed,),
}
READS = frozenset(
    {"stacks", "refusals", "find", "seek", "tags", "stored", "versions", "version", "runs", "metrics", "settle", "wait"}
)
OUTSIDE = ("account", "state", "terraform", "endpoints", "jobs", "images", "registry")
LATE = frozenset({"endpoints.find", "jobs.find"})
"""Lists that AWS may still show as they were a moment ago."""


@dataclass
class Storm:
    """Each call may fail before its effect or after it, and a list may be an old one."""

    seed: int
    rate: float
    watch: Callable[[str, tuple[Any, ...]], None] = lambda words, arguments: None
    """Is shown every call before it is made."""
    over: bool = False
    raised: list[str] = field(default_factory=list)
    _times: Counter[str] = field(default_factory=Counter)
    _old: dict[str, Any] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def call(self, port: str, method: str, function: Callable[..., Any], *args: Any, **named: Any) -> Any:
        words = f"{port}.{method}"
        self.watch(words, args)
        random = self._random(words, args)
        if self.over or random.random() >= self.rate:
            return self._remembered(words, args, function(*args, **named))
        if words in LATE and random.random() < 0.5:
            return self._old.get(f"{words}{args}", function(*args, **named))
        if not (kind := _kind(port, method, random)):
            return function(*args, **named)
        if method not in READS and (kind is AnswerLost or random.random() < 0.5):
            function(*args, **named)
        if kind is not AnswerLost:  # which the reconciler looks after by itself
            self.raised.append(words)
        raise kind(f"{words} failed: the storm")

    def _random(self, words: str, args: tuple[Any, ...]) -> Random:
        key = f"{words}{[one for one in args if isinstance(one, str)]}"
        with self._lock:
            self._times[key] += 1
            return Random(f"{self.seed} {key} {self._times[key]}")

    def _remembered(self, words: str, args: tuple[Any, ...], answer: Any) -> Any:
        if words in LATE:
            self._old[f"{words}{args}"] = answer
        return answer


def _kind(port: str, method: str, random: Random) -> type[ReconcilerError] | None:
    if method in READS:
        return ReadFailed
    if (port, method) == ("jobs", "submit"):
        return random.choice((AwsFailed, AnswerLost))
    return random.choice(FAILS[port]) if port in FAILS else None


class _Port:
    def __init__(self, name: str, port: Any, storm: Storm) -> None:
        self._name, self._port, self._storm = name, port, storm

    def __getattr__(self, method: str) -> Any:
        found = getattr(self._port, method)
        return lambda *args, **named: self._storm.call(self._name, method, found, *args, **named)


def stormy(world: World, storm: Storm) -> World:
    """The world with every port in the storm that leads out of this machine."""
    return replace(world, **{name: _Port(name, getattr(world, name), storm) for name in OUTSIDE})
