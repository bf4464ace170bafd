"""What the commands that stay have in common: one request to stop for all of it, and one for each round."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event

from reconciler.wiring import stoppable


@contextmanager
def rounds(wake: Callable[[], None]) -> Iterator[Callable[[], Event]]:
    """Each call begins a round, and returns what asks this round to stop. SIGINT and SIGTERM do, and call `wake`.

    A round that loses its lease asks itself to stop; the next one must know nothing of that.
    """
    current = [Event()]

    def asked() -> None:
        current[0].set()
        wake()

    with stoppable(asked) as stopped:

        def begin() -> Event:
            current[0] = Event()
            if stopped.is_set():
                current[0].set()
            return current[0]

        yield begin
