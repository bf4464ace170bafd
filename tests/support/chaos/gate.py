"""A counting proxy in front of AWS and MLflow, in which the reconciler dies, or an answer is lost, at a chosen call."""

import http.client
import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from support.chaos.weather import Weather

OURS = ("lean-mlops-control-centre", "python-requests")
"""Signs of the reconciler itself in User-Agent; Terraform, jobs and the checks of a trial go by other names."""
TERRAFORM = "/_terraform"
NOT_PASSED_ON = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "expect"})


class Mode(StrEnum):
    """What happens at the chosen call."""

    BEFORE = "killed before the call"
    LOST = "killed before the answer"
    DROPPED = "the answer dropped"
    """Nobody is killed: the connection ends without an answer, and Terraform in the middle of its work."""
    MACHINE = "killed together with Terraform"
    """At a call of Terraform's, which writes no state then and leaves its lock."""


class Dropped(Exception):
    """There will be no answer."""


@dataclass
class Gate:
    """Counts the calls of one reconciler, whichever of its listeners they come to."""

    at: int = 0
    """Number of the call at which something happens, from 1; 0: nothing ever does."""
    mode: Mode = Mode.BEFORE
    pid: int = 0
    calls: list[str] = field(default_factory=list)
    works: int = 0
    """Calls of Terraform's so far."""
    fired: bool = False
    weather: Weather | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def arm(self, at: int = 0, mode: Mode = Mode.BEFORE) -> None:
        """Begin to count anew."""
        with self.lock:
            self.at, self.mode, self.calls, self.works, self.fired = at, mode, [], 0, False

    def call(self, words: str, forward: Callable[[], bytes]) -> bytes:
        """Pass a call of the reconciler on. Raises Dropped."""
        with self.lock:
            self.calls.append(words)
            hit = self.mode is not Mode.MACHINE and len(self.calls) == self.at
        if hit and self.mode is Mode.BEFORE:
            self.kill()
            raise Dropped
        answer = forward()
        if hit:
            if self.mode is Mode.LOST:
                self.kill()
            self.fired = True
            raise Dropped
        return answer

    def terraform(self, words: str) -> int | None:
        """Terraform starts: how many changes it may make before it dies; None: as many as it likes. Raises Dropped."""
        with self.lock:
            self.calls.append(words)
            hit = self.mode is not Mode.MACHINE and len(self.calls) == self.at
        if not hit:
            return None
        self.fired = True
        if self.mode is Mode.DROPPED:
            return 2
        self.kill()
        if self.mode is Mode.BEFORE:
            raise Dropped
        return None

    def work(self) -> None:
        """Terraform is about to call AWS. Raises Dropped when it dies here."""
        with self.lock:
            self.works += 1
            hit = self.mode is Mode.MACHINE and self.works == self.at
        if hit:
            self.kill()
            raise Dropped

    def kill(self) -> None:
        """SIGKILL, as the kernel's out-of-memory killer sends it."""
        self.fired = True
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)


def listen(gate: Gate, upstream: int, terraform: Callable[[bytes, Callable[[str], None]], None] | None = None) -> int:
    """Serve on a free port of loopback in the background, in front of another port; returns it."""

    class Handler(_Handler):
        pass

    Handler.gate, Handler.upstream, Handler.run_terraform = gate, upstream, staticmethod(terraform)  # type: ignore[misc]
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.5,), daemon=True).start()
    return server.server_address[1]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    gate: Gate
    upstream: int
    run_terraform: Callable[[bytes, Callable[[str], None]], None] | None

    def log_message(self, *details: object) -> None:
        pass

    def handle_one_request(self) -> None:
        with suppress(ConnectionError):
            super().handle_one_request()

    def _pass(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            if self.path == TERRAFORM:
                self._terraform(body)
                return
            self.wfile.write(self._answer(body))
            self.wfile.flush()
        except Dropped:
            self.close_connection = True

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _pass  # noqa: N815

    def _answer(self, body: bytes) -> bytes:
        if not any(sign in self.headers.get("User-Agent", "") for sign in OURS):
            return self._forward(body)
        target = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
        words = f"{self.command} {target or self.path}"
        return self.gate.call(words, lambda: self._weathered(words, body))

    def _weathered(self, words: str, body: bytes) -> bytes:
        weather = self.gate.weather
        if weather is None:
            return self._forward(body)
        if (instead := weather.before(self.command, self.path, self.headers)) is not None:
            return instead
        answer, whole = weather.after(words, body, self._forward(body))
        self.close_connection = self.close_connection or not whole
        return answer

    def _forward(self, body: bytes) -> bytes:
        headers = {name: value for name, value in self.headers.items() if name.lower() not in NOT_PASSED_ON}
        connection = http.client.HTTPConnection("127.0.0.1", self.upstream, timeout=60)
        try:
            connection.request(self.command, self.path, body or None, headers)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        length = answer.headers.get("Content-Length", "0") if self.command == "HEAD" else str(len(content))
        kept = [f"{name}: {value}" for name, value in answer.headers.items() if name.lower() not in NOT_PASSED_ON]
        lines = [f"HTTP/1.1 {answer.status} {answer.reason}", *kept, f"Content-Length: {length}"]
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + content

    def _terraform(self, body: bytes) -> None:
        assert self.run_terraform
        self.wfile.write(b"HTTP/1.0 200 OK\r\n\r\n")
        self.close_connection = True

        def say(line: str) -> None:
            self.wfile.write(f"{line}\n".encode())
            self.wfile.flush()

        self.run_terraform(body, say)
