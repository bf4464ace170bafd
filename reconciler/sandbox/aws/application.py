"""The WSGI application: moto, guarded, with model answers in front of it."""

import io
import json
import re
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

from reconciler.sandbox.aws.cloud import Cloud
from reconciler.sandbox.aws.sagemaker.invocations import Invocations, Reply

HEALTH = "/_sandbox/health"
LOCAL_HOST = re.compile(r"^(127\.0\.0\.1|(.+\.)?localhost)(:\d+)?$")
READS = re.compile(r"^(describe|list|get|head|batch_?get|filter|lookup)", re.IGNORECASE)

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]


class SandboxApplication:
    """Answers what concerns running processes, and hands everything else to moto, one request at a time."""

    def __init__(self, cloud: Cloud, invocations: Invocations, moto: Application) -> None:
        self._cloud = cloud
        self._invocations = invocations
        self._moto = moto

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        if _from_a_browser(environ):
            return _send(_refusal(), start_response)
        if environ.get("PATH_INFO") == HEALTH:
            return _send(Reply(HTTPStatus.OK, b'{"status": "ok"}'), start_response)
        body = _read(environ)
        if self._invocations.concern(environ):
            return _send(self._invocations.answer(environ, body), start_response)
        environ["wsgi.input"] = io.BytesIO(body)
        with self._cloud.lock:
            answer = list(self._moto(environ, start_response))
        if changes_state(environ, body):
            self._cloud.changed.set()
        return answer


def changes_state(environ: Mapping[str, Any], body: bytes) -> bool:
    """Whether a request may have changed anything, as far as its name tells."""
    if environ["REQUEST_METHOD"] in {"GET", "HEAD", "OPTIONS"}:
        return False
    return not READS.match(_operation(environ, body))


def _operation(environ: Mapping[str, Any], body: bytes) -> str:
    """Name of the operation in whichever of AWS's protocols: a header, a form field, the end of the path."""
    target = environ.get("HTTP_X_AMZ_TARGET")
    if target:
        return str(target).rpartition(".")[2]
    if str(environ.get("CONTENT_TYPE", "")).startswith("application/x-www-form-urlencoded"):
        return parse_qs(body.decode(errors="replace")).get("Action", [""])[0]
    path = str(environ.get("PATH_INFO", ""))
    return path.removeprefix("/v1/") if path.startswith("/v1/") else ""


def _from_a_browser(environ: Mapping[str, Any]) -> bool:
    """A web page could start jobs, which run commands here: no page may, be it by a foreign name for this host."""
    return "HTTP_ORIGIN" in environ or not LOCAL_HOST.match(environ.get("HTTP_HOST", ""))


def _refusal() -> Reply:
    message = "The sandbox answers programs on this machine only, under 127.0.0.1 or localhost, and no web page."
    return Reply(HTTPStatus.FORBIDDEN, json.dumps({"message": message}).encode())


def _read(environ: Environ) -> bytes:
    """The whole body, so that a slow sender keeps nobody else waiting."""
    stream = environ["wsgi.input"]
    if environ.get("wsgi.input_terminated"):
        return bytes(stream.read())
    return bytes(stream.read(int(environ.get("CONTENT_LENGTH") or 0)))


def _send(reply: Reply, start_response: StartResponse) -> list[bytes]:
    headers = {"Content-Type": "application/json", **reply.headers, "Content-Length": str(len(reply.body))}
    start_response(f"{reply.status.value} {reply.status.phrase}", list(headers.items()))
    return [reply.body]
