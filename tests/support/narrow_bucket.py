"""moto's S3 as the two roles of the workflows see the state bucket: nothing but what is below `<environment>/`.

IAM refuses what it does not know by name: that a key which nobody may read is not there is told nobody either.
https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
"""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

DENIED = b'<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>'


@dataclass
class NarrowBucket:
    """A WSGI application that notes what is asked of the bucket, and refuses what is not the environment's."""

    environment: str
    bucket: str
    keys: list[str] = field(default_factory=list)
    """Keys that were read, written or deleted, and prefixes that were listed."""
    writes: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    moto: Any = field(default_factory=lambda: DomainDispatcherApplication(create_backend_app))

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer one request."""
        asked = self._asked(environ["PATH_INFO"], environ.get("QUERY_STRING", ""))
        if asked is None:
            return self.moto(environ, start_response)
        self.keys.append(asked)
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            self.writes.append(asked)
        if asked.startswith(f"{self.environment}/"):
            return self.moto(environ, start_response)
        self.refused.append(asked)
        body = b"" if environ["REQUEST_METHOD"] == "HEAD" else DENIED
        start_response("403 Forbidden", [("Content-Type", "application/xml"), ("Content-Length", str(len(body)))])
        return [body]

    def _asked(self, path: str, query: str) -> str | None:
        name, _, key = path.lstrip("/").partition("/")
        if name != self.bucket:
            return None
        return key or parse_qs(query).get("prefix", [""])[0]


@contextmanager
def serving(application: NarrowBucket) -> Iterator[str]:
    """Its address, while it is served on loopback."""
    server = make_server("127.0.0.1", 0, application, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
