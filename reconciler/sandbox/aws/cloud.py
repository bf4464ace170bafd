"""What requests, jobs and endpoints of one running server share."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from reconciler.sandbox.aws.faults.book import Book
from reconciler.sandbox.aws.runtime import Runtime

REGION_OF_GLOBAL_SERVICES = "us-east-1"


@dataclass(frozen=True, slots=True)
class Timing:
    """How long the server waits for its child processes, in seconds."""

    startup: float = 240.0
    """For a model container to answer /ping, unless its variant says otherwise."""
    ping: float = 2.0
    """For one answer to /ping; SageMaker's own limit."""
    invocation: float = 60.0
    """For one answer of a model; SageMaker's own limit."""
    grace: float = 5.0
    """Between asking a process to end and killing it."""
    rollback: float = 0.5
    """A failed update stays visible as RollingBack for at least this long."""
    poll: float = 0.1
    """Between two looks at a process."""


@dataclass(frozen=True, slots=True)
class Cloud:
    """The lock around moto's state, which is not safe to share between threads; the wish to stop; the faults."""

    runtime: Runtime
    timing: Timing = field(default_factory=Timing)
    lock: threading.RLock = field(default_factory=threading.RLock)
    stopping: threading.Event = field(default_factory=threading.Event)
    changed: threading.Event = field(default_factory=threading.Event)
    faults: Book = field(default_factory=Book)

    @contextmanager
    def change(self) -> Iterator[None]:
        """Hold the lock while changing moto's state, and have the new state saved."""
        with self.lock:
            yield
        self.changed.set()
