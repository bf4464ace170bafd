"""What reads were answered before, for answers that lag behind."""

import threading
import time
from collections import deque
from collections.abc import Callable, Hashable

from reconciler.sandbox.aws.http import Answer

Question = tuple[Hashable, ...]


class Past:
    """Remembers the answers to each question. `clock` counts seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._told: dict[Question, deque[tuple[float, Answer]]] = {}

    def answer(self, question: Question, present: Answer, seconds: float) -> Answer:
        """The newest answer that is at least so many seconds old, else the oldest; the first one is the present one."""
        with self._lock:
            told, now = self._told.setdefault(question, deque()), self._clock()
            if not told or (told[-1][1].status, told[-1][1].body) != (present.status, present.body):
                told.append((now, present))
            while len(told) > 1 and told[1][0] <= now - seconds:
                told.popleft()
            return told[0][1]
