"""The fake GitHub on loopback: its REST API, and its repositories as git speaks to them over HTTP."""

import base64
import gzip
import json
import os
import subprocess
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from support.workflows.issues import Board
from support.workflows.permissions import allows
from support.workflows.rest import Answer, Request, Token, answer

API = "/api/v3"


@dataclass
class Site:
    """What is served, while it is."""

    repositories: Path
    """Folder of bare ones."""
    boards: dict[str, Board] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def address(self) -> str:
        """Of its pages and repositories."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def api(self) -> str:
        """Of its API."""
        return f"{self.address}{API}"

    def close(self) -> None:
        """Serve no more."""
        self._server.shutdown()
        self._server.server_close()

    def token(self, header: str) -> Token | None:
        """The token of an Authorization header: the API's form, or git's."""
        kind, _, value = header.partition(" ")
        if kind.lower() == "basic":
            value = base64.b64decode(value).decode().partition(":")[2]
        return self.tokens.get(value)


def _handler(site: Site) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            url, token = urlsplit(self.path), site.token(self.headers.get("Authorization", ""))
            body = self._body()
            if not url.path.startswith(API):
                self._git(url.path, url.query, token, body)
                return
            path, query = url.path.removeprefix(API), dict(parse_qsl(url.query))
            said = answer(Request(self.command, path, query, json.loads(body or "{}"), token), site.boards, site.api)
            if token:
                token.told(f"{self.command} {path} -> {said.status}")
            self._json(said)

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _serve  # noqa: N815

        def _body(self) -> bytes:
            if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
                held = b""
                while size := int(self.rfile.readline(), 16):
                    held += self.rfile.read(size)
                    self.rfile.readline()
                self.rfile.readline()
            else:
                held = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            return gzip.decompress(held) if self.headers.get("Content-Encoding") == "gzip" else held

        def _json(self, said: Answer) -> None:
            self._send(
                said.status, {**said.headers, "Content-Type": "application/json"}, json.dumps(said.body).encode()
            )

        def _git(self, path: str, query: str, token: Token | None, body: bytes) -> None:
            writes = "git-receive-pack" in f"{path}?{query}"
            if refused := _refusal(path, token, writes=writes):
                self._send(*refused)
                return
            if token and writes and self.command == "POST":
                token.told(f"git push {path.removesuffix('/git-receive-pack')}")
            self._send(*_backend(site.repositories, self.command, path, query, body, self.headers))

        def _send(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *told: Any) -> None:
            """Nothing: the requests stand in the log of the job that made them."""

    return Handler


def _refusal(path: str, token: Token | None, *, writes: bool) -> tuple[int, dict[str, str], bytes] | None:
    if token is None:
        return 401, {"WWW-Authenticate": 'Basic realm="GitHub"'}, b"Authentication is needed\n"
    ours = path.lstrip("/").startswith((f"{token.repository}/", f"{token.repository}.git/"))
    if not ours or not allows(token.permissions, "contents", "write" if writes else "read"):
        return 403, {}, b"Write access to repository not granted.\n" if writes else b"Not granted.\n"
    return None


def _backend(
    root: Path, method: str, path: str, query: str, body: bytes, headers: Any
) -> tuple[int, dict[str, str], bytes]:
    """git's own server, as a CGI program."""
    owner, name, rest = path.lstrip("/").split("/", 2)
    variables = {
        "PATH": os.environ["PATH"],
        "GIT_PROJECT_ROOT": str(root),
        "GIT_HTTP_EXPORT_ALL": "1",
        "REMOTE_USER": "token",
        "REQUEST_METHOD": method,
        "PATH_INFO": f"/{owner}/{name.removesuffix('.git')}.git/{rest}",
        "QUERY_STRING": query,
        "CONTENT_TYPE": headers.get("Content-Type", ""),
        "GIT_PROTOCOL": headers.get("Git-Protocol", ""),
        "GIT_CONFIG_NOSYSTEM": "1",
    }
    ended = subprocess.run(
        ("git", "http-backend"), input=body, env=variables, capture_output=True, timeout=120, check=True
    )
    head, _, content = ended.stdout.partition(b"\r\n\r\n")
    found = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
    return int(found.pop("Status", "200").split()[0]), found, content
