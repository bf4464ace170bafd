"""Stands between a request and what answers it, and does what the faults say."""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping

from reconciler.sandbox.aws.faults import errors
from reconciler.sandbox.aws.faults.book import Book
from reconciler.sandbox.aws.faults.calls import Call
from reconciler.sandbox.aws.http import Answer, StartResponse, answer
from reconciler.sandbox.faults.fault import CALLS, Kind, Standing

Struck = Mapping[Kind, Standing]


class Interference:
    """Holds no lock: a call that waits keeps nobody else waiting."""

    def __init__(self, book: Book, stopping: threading.Event) -> None:
        self._book = book
        self._stopping = stopping

    def let_through(self, call: Call, work: Callable[[], Answer], start_response: StartResponse) -> Iterable[bytes]:
        """Answer a call. Raises ConnectionAbortedError, at which the server closes the connection."""
        self._book.count(call.name)
        struck = self._strike(call)
        refusal = _refusal(call, struck)
        if refusal:
            return refusal.send(start_response)
        done = work()
        if Kind.DROP in struck:
            raise ConnectionAbortedError("the answer is dropped")
        return _half(done, start_response) if Kind.CUT in struck else done.send(start_response)

    def _strike(self, call: Call) -> Struck:
        """Of several faults of one kind the first one counts; but waits add up."""
        struck = self._book.strike(CALLS, call.name)
        self._stopping.wait(sum(one.fault.seconds for one in struck if one.fault.kind is Kind.LATENCY))
        return {one.fault.kind: one for one in reversed(struck)}


def _refusal(call: Call, struck: Struck) -> Answer | None:
    if Kind.THROTTLE in struck:
        return answer(errors.throttled(call))
    if Kind.ERROR in struck:
        fault = struck[Kind.ERROR].fault
        return answer(errors.error(call, fault.status, fault.code, fault.message))
    return None


def _half(whole: Answer, start_response: StartResponse) -> Iterator[bytes]:
    start_response(whole.status, list(whole.headers))
    yield whole.body[: len(whole.body) // 2]
    raise ConnectionAbortedError("the rest of the answer is lost")
