"""A lock between processes and threads that no crash leaves behind."""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

POLL = 0.1
"""Seconds between two attempts to take the lock."""


def _nothing() -> None:
    """Nobody wants to know that the lock is waited for."""


@contextmanager
def exclusive(path: Path, timeout: float, waiting: Callable[[], None] = _nothing) -> Iterator[None]:
    """Hold the lock file `path`; `waiting` is called once if somebody else holds it.

    Raises TimeoutError when it could not be had within `timeout` seconds.
    """
    deadline = time.monotonic() + timeout
    told = False
    while (held := _try(path)) is None:
        if not told:
            waiting()
            told = True
        if time.monotonic() > deadline:
            raise TimeoutError(f"{path} is held by another process")
        time.sleep(POLL)
    with held:
        yield


def _try(path: Path) -> IO[bytes] | None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    held = path.open("ab")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        held.close()
        return None
    if _is_still(path, held):
        return held
    held.close()
    return None


def _is_still(path: Path, held: IO[bytes]) -> bool:
    """Whether nobody deleted the lock file between opening and locking it: a deleted one excludes nobody."""
    with suppress(FileNotFoundError):
        return os.path.samestat(os.fstat(held.fileno()), path.stat())
    return False
