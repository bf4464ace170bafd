"""When a request that failed is made again: by the kind of its failure, and out of one budget for a whole run.

A budget, because tries of every request by themselves multiply an outage: it starts at `BURST` retries, and every
request that goes well gives `REFUND` back. A run that is throttled here and there so goes on for hours, and one that
runs into a wall ends soon.
"""

import random
from collections.abc import Callable
from enum import Enum
from threading import Event, Lock

from reconciler.errors import Interrupted
from reconciler.ports import Cancel

BURST = 200
"""Retries that a run may make at once, all requests and threads together."""
REFUND = 0.5
BASE_SECONDS = 0.5
LONGEST_SECONDS = 20.0


class Trouble(Enum):
    """Kinds of failure that pass; the value is how often a request is tried. All others are permanent."""

    THROTTLED = 10
    """The other side asks to come back later, and has done nothing."""
    SERVER = 6
    """It answered 5xx: it may have done it."""
    UNREACHED = 5
    """There was no connection: it never saw the request."""
    SILENT = 4
    """There was a connection and no answer: it may have done it."""

    @property
    def refused(self) -> bool:
        """Whether it is certain that nothing was done."""
        return self in (Trouble.THROTTLED, Trouble.UNREACHED)


def delay(attempt: int, chance: float) -> float:
    """Seconds to wait after a failed attempt, the first being 1: anything up to twice the last limit ("full jitter").

    `chance` is between 0 and 1. Source: AWS Architecture Blog, Exponential Backoff And Jitter.
    """
    return chance * min(LONGEST_SECONDS, BASE_SECONDS * float(2 ** (attempt - 1)))


class Patience:
    """Says whether to try again, and waits before; safe to share between threads."""

    def __init__(self, cancel: Cancel | None = None, *, chance: Callable[[], float] = random.random) -> None:
        self._cancel = cancel or Event()
        self._chance = chance
        self._left = float(BURST)
        self._lock = Lock()

    def went_well(self) -> None:
        """Count a request that was answered."""
        with self._lock:
            self._left = min(BURST, self._left + REFUND)

    def exhausted(self, trouble: Trouble, attempt: int) -> str:
        """Wait until it is time to try again; returns why there is no other try, empty when there is one.

        `attempt` is the number of the one that failed. Raises Interrupted.
        """
        if attempt >= trouble.value:
            return f"after {attempt} tries"
        if not self._take():
            return f"as this run's budget of {BURST} retries is spent"
        if self._cancel.wait(delay(attempt, self._chance())):
            raise Interrupted("stopped before a request was made again", "run again: it goes on from here")
        return ""

    def _take(self) -> bool:
        with self._lock:
            if self._left < 1:
                return False
            self._left -= 1
            return True
