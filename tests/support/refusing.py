"""An AWS on loopback that refuses what a test says, as S3 does, and passes everything else on."""

import http.client
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

NOT_PASSED_ON = frozenset(
    {"connection", "keep-alive", "transfer-encoding", "content-length", "expect", "date", "server"}
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a request is refused with."""

    status: int
    code: str
    message: str


Rule = Callable[[str, str], Refusal | None]
"""Of a request's method and path."""


def nothing(_method: str, _path: str) -> Refusal | None:
    """Refuse none."""
    return None


@dataclass
class Refusing:
    """Where it listens, and what it refuses."""

    url: str = ""
    rule: Rule = nothing


@contextmanager
def refusing(upstream: str) -> Iterator[Refusing]:
    """In front of the AWS at this URL."""
    state = Refusing()

    class Handler(_Handler):
        pass

    Handler.state, Handler.upstream = state, urlsplit(upstream).netloc
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True).start()
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    state: Refusing
    upstream: str

    def log_message(self, *details: object) -> None:
        pass

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        refusal = self.state.rule(self.command, self.path.partition("?")[0])
        if refusal:
            text = f"<Error><Code>{refusal.code}</Code><Message>{refusal.message}</Message></Error>"
            self._send(refusal.status, {"Content-Type": "text/xml"}, text.encode())
            return
        connection = http.client.HTTPConnection(self.upstream, timeout=60)
        kept = {name: value for name, value in self.headers.items() if name.lower() not in NOT_PASSED_ON}
        connection.request(self.command, self.path, body or None, kept)
        answer = connection.getresponse()
        self._send(answer.status, dict(answer.getheaders()), answer.read())
        connection.close()

    def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() not in NOT_PASSED_ON:
                self.send_header(name, value)
        length = headers.get("Content-Length", "0") if self.command == "HEAD" else str(len(body))
        self.send_header("Content-Length", length)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _answer  # noqa: N815
