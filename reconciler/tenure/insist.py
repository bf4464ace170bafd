"""The last words of a run: said again when they were not heard, whether or not somebody asked to stop."""

from collections.abc import Callable
from time import sleep

from reconciler.errors import ReconcilerError

TRIES = 3
PAUSE = 0.5
"""Seconds between two tries."""


def insist(call: Callable[[], None]) -> None:
    """Call, three times at most, until it goes well. Raises ReconcilerError, the last one."""
    for _ in range(TRIES - 1):
        try:
            return call()
        except ReconcilerError:
            sleep(PAUSE)
    return call()
