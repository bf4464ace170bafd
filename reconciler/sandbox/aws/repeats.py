"""Answers to what was written a moment ago, for an SDK that asks again because it lost one.

On a busy machine a client now and then loses an answer on loopback that was sent whole (seen: once in some thousand
requests of Terraform's AWS provider), and its second attempt at a creation is then told that the thing exists. AWS
answers so, too; a cloud on one machine need not. Answers that a fault takes are not kept here.
"""

import re
import threading
from collections import OrderedDict

from reconciler.sandbox.aws.faults.calls import Request
from reconciler.sandbox.aws.http import Answer

KEPT = 500
"""Answers: more than are under way at any time."""
LARGEST = 65_536
"""Bytes: what a model answers is not kept."""
AGAIN = re.compile(r"attempt=(?!1\b)\d+")


class Repeats:
    """Remembers the answers to writes by the id that AWS's SDKs give to a call, the same for all its attempts."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answers: OrderedDict[str, Answer] = OrderedDict()

    def answer(self, request: Request) -> Answer | None:
        """What an earlier attempt at the same call was answered; None for a first attempt."""
        if not AGAIN.search(request.environ.get("HTTP_AMZ_SDK_REQUEST", "")):
            return None
        with self._lock:
            return self._answers.get(_id(request))

    def remember(self, request: Request, answer: Answer) -> None:
        """Keep the answer to a write."""
        if request.reads or not _id(request) or len(answer.body) > LARGEST:
            return
        with self._lock:
            self._answers[_id(request)] = answer
            while len(self._answers) > KEPT:
                self._answers.popitem(last=False)


def _id(request: Request) -> str:
    return str(request.environ.get("HTTP_AMZ_SDK_INVOCATION_ID", ""))
