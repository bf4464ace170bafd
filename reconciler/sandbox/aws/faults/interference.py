"""Stands between a request and what answers it, and does what the faults say."""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping

from reconciler.sandbox.aws.faults import errors
from reconciler.sandbox.aws.faults.book import Book
from reconciler.sandbox.aws.faults.calls import Call, Request
from reconciler.sandbox.aws.faults.pages import Pages, paged
from reconciler.sandbox.aws.faults.past import Past
from reconciler.sandbox.aws.http import Answer, StartResponse, answer
from reconciler.sandbox.aws.repeats import Repeats
from reconciler.sandbox.faults.fault import CALLS, Kind, Standing

Struck = Mapping[Kind, Standing]
Work = Callable[[Request], Answer]


class Interference:
    """Holds no lock: a call that waits keeps nobody else waiting."""

    def __init__(self, book: Book, stopping: threading.Event) -> None:
        self._book = book
        self._stopping = stopping
        self._past = Past()
        self._pages = Pages()
        self._repeats = Repeats()

    def let_through(self, request: Request, work: Work, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request. Raises ConnectionAbortedError, at which the server closes the connection."""
        self._book.count(request.call.name)
        struck = self._strike(request)
        refusal = _refusal(request.call, struck)
        if refusal:
            return refusal.send(start_response)
        done = self._repeats.answer(request) or self._done(request, work, struck)
        if Kind.DROP in struck:
            raise ConnectionAbortedError("the answer is dropped")
        if Kind.CUT in struck:
            return _half(done, start_response)
        self._repeats.remember(request, done)
        return done.send(start_response)

    def _strike(self, request: Request) -> Struck:
        """Of several faults of one kind the first one counts; but waits add up."""
        struck = self._book.strike(_kinds(request), request.call.name)
        self._stopping.wait(sum(one.fault.seconds for one in struck if one.fault.kind is Kind.LATENCY))
        return {one.fault.kind: one for one in reversed(struck)}

    def _done(self, request: Request, work: Work, struck: Struck) -> Answer:
        small, stale = struck.get(Kind.PAGES), struck.get(Kind.STALE)
        present = self._pages.answer(request, small.fault.size if small else None, work)
        if stale is None:
            return present
        question = (stale.id, request.call, request.environ["PATH_INFO"], request.environ["QUERY_STRING"], request.body)
        return self._past.answer(question, present, stale.fault.seconds)


def _kinds(request: Request) -> frozenset[Kind]:
    """Which faults may hit it: a write has no past, and few answers have pages."""
    possible = {Kind.STALE: request.reads, Kind.PAGES: paged(request.call)}
    return frozenset(kind for kind in CALLS if possible.get(kind, True))


def _refusal(call: Call, struck: Struck) -> Answer | None:
    if Kind.THROTTLE in struck:
        return answer(errors.throttled(call))
    if Kind.ERROR in struck:
        fault = struck[Kind.ERROR].fault
        return answer(errors.error(call, fault.status, fault.code, fault.message, fault.region))
    return None


def _half(whole: Answer, start_response: StartResponse) -> Iterator[bytes]:
    start_response(whole.status, list(whole.headers))
    yield whole.body[: len(whole.body) // 2]
    raise ConnectionAbortedError("the rest of the answer is lost")
