"""An HTTP response as a value, between what makes it and the server that sends it."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from werkzeug.test import run_wsgi_app

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]


@dataclass(frozen=True, slots=True)
class Reply:
    """A response of our own."""

    status: HTTPStatus
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """Any response, as WSGI tells it."""

    status: str
    """Such as `200 OK`."""
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def send(self, start_response: StartResponse) -> list[bytes]:
        """Hand it to the server."""
        start_response(self.status, list(self.headers))
        return [self.body]


def json_reply(status: HTTPStatus, content: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Reply:
    """A response of our own that says something in JSON."""
    return Reply(status, json.dumps(content).encode(), headers or {})


def answer(reply: Reply) -> Answer:
    """A response of our own, whole; JSON unless it says otherwise."""
    headers = {"Content-Type": "application/json", **reply.headers, "Content-Length": str(len(reply.body))}
    return Answer(f"{reply.status.value} {reply.status.phrase}", tuple(headers.items()), reply.body)


def run(application: Application, environ: Environ) -> Answer:
    """What another WSGI application answers."""
    body, status, headers = run_wsgi_app(application, environ, buffered=True)
    return Answer(status, tuple(headers.items()), b"".join(body))
