"""The faults that are set, and the calls that came in."""

import random
import threading
from collections import Counter
from collections.abc import Collection
from dataclasses import replace
from fnmatch import fnmatchcase
from itertools import count

from reconciler.sandbox.faults.fault import Fault, Kind, Standing


class Book:
    """Decides what a fault hits. Safe to share between threads; nothing of it outlives the process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers = count(1)
        self._standing: dict[str, Standing] = {}
        self._calls: Counter[str] = Counter()

    def add(self, fault: Fault) -> Standing:
        """Set a fault."""
        with self._lock:
            standing = Standing(f"{fault.kind}-{next(self._numbers)}", fault)
            self._standing[standing.id] = standing
            return standing

    def clear(self, fault_id: str | None = None) -> int:
        """Take one fault away, or all; returns how many. Raises KeyError when there is none of that id."""
        with self._lock:
            cleared = list(self._standing) if fault_id is None else [fault_id]
            for one in cleared:
                del self._standing[one]
            return len(cleared)

    def standing(self) -> tuple[Standing, ...]:
        """Every fault, the oldest first."""
        with self._lock:
            return tuple(self._standing.values())

    def stands(self, fault_id: str) -> bool:
        """Whether a fault is still set."""
        with self._lock:
            return fault_id in self._standing

    def strike(self, kinds: Collection[Kind], *subjects: str) -> tuple[Standing, ...]:
        """Which faults of these kinds hit what goes by these names. Every matching one counts it as seen."""
        with self._lock:
            met = [_meet(one) for one in self._standing.values() if _concerns(one.fault, kinds, subjects)]
            struck = tuple(one for one in met if one.hits > self._standing[one.id].hits)
            self._standing.update({one.id: one for one in met})
            return struck

    def count(self, operation: str) -> None:
        """Remember a call."""
        with self._lock:
            self._calls[operation] += 1

    def calls(self) -> dict[str, int]:
        """How often each operation was called, sorted by name."""
        with self._lock:
            return dict(sorted(self._calls.items()))

    def forget_calls(self) -> None:
        """Count from zero."""
        with self._lock:
            self._calls.clear()


def _concerns(fault: Fault, kinds: Collection[Kind], subjects: Collection[str]) -> bool:
    """AWS's own policies take operations in any case."""
    return fault.kind in kinds and any(fnmatchcase(one.lower(), fault.on.lower()) for one in subjects)


def _meet(standing: Standing) -> Standing:
    seen = standing.seen + 1
    return replace(standing, seen=seen, hits=standing.hits + _hits(standing, seen))


def _hits(standing: Standing, seen: int) -> bool:
    fault = standing.fault
    in_time = not standing.spent and seen >= (fault.call or 1)
    return in_time and random.Random(f"{fault.seed}:{seen}").random() < fault.rate  # noqa: S311 - keeps no secret
