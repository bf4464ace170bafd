"""The WSGI application: moto, guarded, with model answers in front of it."""

import io
import re
from collections.abc import Iterable, Mapping
from functools import partial
from http import HTTPStatus
from typing import Any

from reconciler.sandbox.aws import signature
from reconciler.sandbox.aws.callers import Caller, Callers
from reconciler.sandbox.aws.cloud import Cloud
from reconciler.sandbox.aws.faults.calls import Request, recognise
from reconciler.sandbox.aws.faults.control import Control
from reconciler.sandbox.aws.faults.interference import Interference
from reconciler.sandbox.aws.http import Answer, Application, Environ, Reply, StartResponse, answer, json_reply, run
from reconciler.sandbox.aws.iam.control import RoleControl
from reconciler.sandbox.aws.iam.gate import BY_TOKEN, Gate
from reconciler.sandbox.aws.sagemaker.invocations import Invocations
from reconciler.sandbox.aws.shapes.check import Check
from reconciler.sandbox.aws.strangers import refusal

HEALTH = "/_sandbox/health"
NO_BROWSER = "The sandbox answers programs on this machine only, under 127.0.0.1 or localhost, and no web page."
OWNER_ONLY = "Only the sandbox's owner may set faults, count calls and play roles."
MOTOS_OWN = ("/moto-api", "/favicon.ico", "/latest/meta-data/", "/latest/api/")
"""Paths at which moto tells everything that it holds, or forgets it, whoever asks."""
NOTHING_THERE = "AWS has nothing at this path."
LOCAL_HOST = re.compile(r"^(127\.0\.0\.1|(.+\.)?localhost)(:\d+)?$")


class SandboxApplication:
    """Answers what concerns running processes, and hands everything else to moto, one request at a time."""

    def __init__(self, cloud: Cloud, callers: Callers, invocations: Invocations, moto: Application) -> None:
        self._cloud = cloud
        self._callers = callers
        self._gate = Gate(cloud, callers.secret)
        self._invocations = invocations
        self._moto = moto
        self._controls = (Control(cloud.faults), RoleControl(self._gate))
        self._interference = Interference(cloud.faults, cloud.stopping)
        self._check = Check()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        if closed := _closed(environ):
            return answer(_forbidden(closed)).send(start_response)
        if environ.get("PATH_INFO") == HEALTH:
            return answer(Reply(HTTPStatus.OK, b'{"status": "ok"}')).send(start_response)
        body, caller = _read(environ), self._callers.of(environ)
        if control := next((one for one in self._controls if one.concerns(environ)), None):
            allowed = caller is not None and caller.owner
            reply = control.answer(environ, body) if allowed else _forbidden(OWNER_ONLY)
            return answer(reply).send(start_response)
        request = recognise(environ, body)
        if request.call.name == BY_TOKEN:
            return self._interference.let_through(request, self._given_a_role, start_response)
        if caller is None or caller.expired:
            return answer(refusal(request, expired=caller is not None)).send(start_response)
        return self._interference.let_through(request, partial(self._work, caller), start_response)

    def _work(self, caller: Caller, request: Request) -> Answer:
        """Who may not do something is told so before anybody looks at what is asked."""
        refused = self._gate.refusal(request, caller)
        return refused or self._gate.veiled(request, caller, self._check.around(request, self._answered))

    def _given_a_role(self, request: Request) -> Answer:
        """Nobody signs what asks for a role with a token."""
        return self._gate.kept_out(request) or self._check.around(request, self._answered)

    def _answered(self, request: Request) -> Answer:
        if self._invocations.concern(request.environ):
            return answer(self._invocations.answer(request.environ, request.body))
        with self._cloud.lock:
            done = run(self._moto, {**signature.for_moto(request.environ), "wsgi.input": io.BytesIO(request.body)})
        if not request.reads:
            self._cloud.changed.set()
        return done


def _closed(environ: Mapping[str, Any]) -> str:
    """Why a request is answered by nobody, whoever makes it; empty: it is answered."""
    if _from_a_browser(environ):
        return NO_BROWSER
    return NOTHING_THERE if str(environ.get("PATH_INFO", "")).startswith(MOTOS_OWN) else ""


def _from_a_browser(environ: Mapping[str, Any]) -> bool:
    """A web page could start jobs, which run commands here: no page may, be it by a foreign name for this host."""
    return "HTTP_ORIGIN" in environ or not LOCAL_HOST.match(environ.get("HTTP_HOST", ""))


def _forbidden(message: str) -> Reply:
    return json_reply(HTTPStatus.FORBIDDEN, {"message": message})


def _read(environ: Environ) -> bytes:
    """The whole body, so that a slow sender keeps nobody else waiting."""
    stream = environ["wsgi.input"]
    if environ.get("wsgi.input_terminated"):
        return bytes(stream.read())
    return bytes(stream.read(int(environ.get("CONTENT_LENGTH") or 0)))
