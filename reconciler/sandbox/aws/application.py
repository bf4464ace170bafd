"""The WSGI application: moto, guarded, with model answers in front of it."""

import io
import json
import re
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from reconciler.sandbox.aws.cloud import Cloud
from reconciler.sandbox.aws.faults.calls import Request, recognise
from reconciler.sandbox.aws.faults.control import Control
from reconciler.sandbox.aws.faults.interference import Interference
from reconciler.sandbox.aws.http import Answer, Application, Environ, Reply, StartResponse, answer, run
from reconciler.sandbox.aws.sagemaker.invocations import Invocations
from reconciler.sandbox.aws.shapes.check import Check

HEALTH = "/_sandbox/health"
LOCAL_HOST = re.compile(r"^(127\.0\.0\.1|(.+\.)?localhost)(:\d+)?$")


class SandboxApplication:
    """Answers what concerns running processes, and hands everything else to moto, one request at a time."""

    def __init__(self, cloud: Cloud, invocations: Invocations, moto: Application) -> None:
        self._cloud = cloud
        self._invocations = invocations
        self._moto = moto
        self._control = Control(cloud.faults)
        self._interference = Interference(cloud.faults, cloud.stopping)
        self._check = Check()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        if _from_a_browser(environ):
            return answer(_refusal()).send(start_response)
        if environ.get("PATH_INFO") == HEALTH:
            return answer(Reply(HTTPStatus.OK, b'{"status": "ok"}')).send(start_response)
        body = _read(environ)
        if self._control.concerns(environ):
            return answer(self._control.answer(environ, body)).send(start_response)
        return self._interference.let_through(recognise(environ, body), self._work, start_response)

    def _work(self, request: Request) -> Answer:
        return self._check.around(request, self._answered)

    def _answered(self, request: Request) -> Answer:
        if self._invocations.concern(request.environ):
            return answer(self._invocations.answer(request.environ, request.body))
        with self._cloud.lock:
            done = run(self._moto, {**request.environ, "wsgi.input": io.BytesIO(request.body)})
        if not request.reads:
            self._cloud.changed.set()
        return done


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
