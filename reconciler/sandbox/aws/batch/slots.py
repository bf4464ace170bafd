"""Room for so many jobs at a time."""

import threading
from collections import deque
from collections.abc import Callable

LOOK = 0.2  # seconds between two looks at `give_up`


class Slots:
    """First come, first served."""

    def __init__(self, count: int) -> None:
        self._free = count
        self._line: deque[object] = deque()
        self._turn = threading.Condition()

    def acquire(self, give_up: Callable[[], bool]) -> bool:
        """Wait for a slot; False when `give_up` says so first."""
        ticket = object()
        with self._turn:
            self._line.append(ticket)
            while not (self._free and self._line[0] is ticket):
                if give_up():
                    self._line.remove(ticket)
                    self._turn.notify_all()
                    return False
                self._turn.wait(LOOK)
            self._line.popleft()
            self._free -= 1
            self._turn.notify_all()
            return True

    def release(self) -> None:
        """Give a slot back."""
        with self._turn:
            self._free += 1
            self._turn.notify_all()
