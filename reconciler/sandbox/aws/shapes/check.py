"""Stands between a request and what answers it: refuses what AWS's model refuses, and notes what differs."""

from collections.abc import Callable, Sequence

from reconciler.sandbox.aws.faults.calls import Request
from reconciler.sandbox.aws.http import Answer, answer
from reconciler.sandbox.aws.shapes import answers, known, model, record, rules
from reconciler.sandbox.aws.shapes.constraints import breaches
from reconciler.sandbox.aws.shapes.decode import Unreadable, read_request
from reconciler.sandbox.aws.shapes.difference import Difference, Kind
from reconciler.sandbox.aws.shapes.record import REQUEST, seen
from reconciler.sandbox.aws.shapes.refusals import refused

Work = Callable[[Request], Answer]


class Check:
    """Holds requests, and answers where a record is wanted, against AWS's models."""

    def __init__(self) -> None:
        self._record = record.wanted()

    def around(self, request: Request, work: Work) -> Answer:
        """Answer a request, unless AWS refuses it as the client sent it."""
        found = differences(request.sent or request)
        refusal = refused(request.call, [one for one in found if not known.accepted(seen(request.call, REQUEST, one))])
        done = answer(refusal) if refusal else work(request)
        if self._record:
            overlooked = () if refusal else found
            self._record.note(request.call, overlooked, answers.differences(request, done))
        return done


def differences(request: Request) -> Sequence[Difference]:
    """In what a request differs from its operation's input; nothing for a call that AWS does not have."""
    operation = model.operation(request.call.service, request.call.operation)
    if operation is None:
        return ()
    try:
        read = read_request(request)
    except Unreadable as problem:
        return (Difference(Kind.TYPE, (), request.body[:80], str(problem)),)
    if read is None or operation.input_shape is None:
        return ()
    against_rules = rules.breaches(request.call, read.members)
    return (*read.differences, *breaches(read.members, operation.input_shape), *against_rules)
