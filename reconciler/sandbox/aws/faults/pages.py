"""Makes the pages of lists smaller than they were asked for, which every service may do."""

import json
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import count
from typing import Any
from urllib.parse import parse_qsl, urlencode

from reconciler.sandbox.aws.faults import routes
from reconciler.sandbox.aws.faults.calls import Call, Protocol, Request
from reconciler.sandbox.aws.http import Answer

TOKEN = re.compile(r"sandbox-page-\d+")
OK = "200 "
IN_JSON = frozenset({Protocol.JSON, Protocol.REST_JSON})
IN_FORMS = frozenset({Protocol.QUERY, Protocol.EC2, Protocol.REST_XML})


def paged(call: Call) -> bool:
    """Whether an operation answers in pages."""
    paginator = _paginator(call)
    if call.protocol in IN_JSON:
        return isinstance(paginator.get("result_key"), str) and isinstance(paginator.get("output_token"), str)
    return call.protocol in IN_FORMS and "limit_key" in paginator


class Pages:
    """Cuts answers in JSON, many of which moto gives whole; asks for less where the answer is XML."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers = count(1)
        self._kept: dict[str, Answer] = {}

    def answer(self, request: Request, size: int | None, work: Callable[[Request], Answer]) -> Answer:
        """Answer a request, with at most so many entries when a size is given."""
        if size and request.call.protocol in IN_FORMS:
            return work(_asking_for(request, size))
        whole = self._rest(request) or work(request)
        return self._cut(request.call, whole, size) if size else whole

    def _rest(self, request: Request) -> Answer | None:
        """What was kept for who asks with this token, even if the fault is gone meanwhile."""
        if not self._kept:
            return None
        token = TOKEN.search(request.body.decode(errors="replace") + request.environ.get("QUERY_STRING", ""))
        return self._kept.get(token[0]) if token else None

    def _cut(self, call: Call, whole: Answer, size: int) -> Answer:
        """The first entries; the others are kept for who asks with the token."""
        paginator = _paginator(call)
        content = json.loads(whole.body) if whole.status.startswith(OK) else {}
        entries = content.get(paginator["result_key"]) or []
        if len(entries) <= size:
            return whole
        rest = _with(whole, {**content, paginator["result_key"]: entries[size:]})
        first = {paginator["result_key"]: entries[:size], paginator["output_token"]: self._keep(rest)}
        return _with(whole, {**content, **first})

    def _keep(self, rest: Answer) -> str:
        with self._lock:
            token = f"sandbox-page-{next(self._numbers)}"
            self._kept[token] = rest
            return token


def _with(whole: Answer, content: Mapping[str, Any]) -> Answer:
    body = json.dumps(content).encode()
    others = tuple((name, value) for name, value in whole.headers if name.lower() != "content-length")
    return Answer(whole.status, (*others, ("Content-Length", str(len(body)))), body)


def _asking_for(request: Request, size: int) -> Request:
    call, environ = request.call, request.environ
    name = _paginator(call)["limit_key"]
    if call.protocol is Protocol.REST_XML:
        query = _smaller(environ.get("QUERY_STRING", ""), _sent_as(call, name), size)
        return replace(request, environ={**environ, "QUERY_STRING": query}, sent=request)
    body = _smaller(request.body.decode(), name, size).encode()
    return replace(request, environ={**environ, "CONTENT_LENGTH": str(len(body))}, body=body, sent=request)


def _smaller(form: str, name: str, size: int) -> str:
    asked = dict(parse_qsl(form, keep_blank_values=True))
    return urlencode({**asked, name: min(int(asked.get(name) or size), size)})


def _paginator(call: Call) -> Mapping[str, Any]:
    found: Mapping[str, Any] = routes.paginators(call.service).get(call.operation, {})
    return found


def _sent_as(call: Call, name: str) -> str:
    described = routes.model(call.service)
    shape = described["shapes"][described["operations"][call.operation]["input"]["shape"]]
    sent: str = shape["members"][name].get("locationName", name)
    return sent
