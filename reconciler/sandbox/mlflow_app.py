"""MLflow's own server application, behind a password: a plugin of `mlflow server --app-name`.

MLflow's `basic-auth` keeps a database of users and their permissions; one user needs none.
"""

import base64
import binascii
import hmac
import os
from collections.abc import Awaitable, Callable, MutableMapping
from functools import cache
from typing import Any

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]

OPEN = "/health"
"""How the supervisor sees that the server is up."""

REFUSAL = (
    b"This MLflow server is the sandbox's, for its owner alone. `reconcile sandbox env` tells user and password.\n"
)


class Guarded:
    """An ASGI application that answers nobody but one user."""

    def __init__(self, load: Callable[[], Asgi], user: str, password: str) -> None:
        """`load` gives the application behind it, when it is first needed."""
        self._load = load
        self._expected = f"{user}:{password}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse it."""
        if scope["type"] == "lifespan" or scope["path"] == OPEN or self._knows(scope):
            await self._load()(scope, receive, send)
        elif scope["type"] == "http":
            await _refuse(send)
        else:
            await send({"type": "websocket.close", "code": 1008})

    def _knows(self, scope: Scope) -> bool:
        given = [value for name, value in scope["headers"] if name == b"authorization"]
        return len(given) == 1 and hmac.compare_digest(_login(given[0]), self._expected)


def _login(header: bytes) -> bytes:
    """User and password of HTTP Basic (RFC 7617); empty when it is something else."""
    kind, _, encoded = header.partition(b" ")
    try:
        return base64.b64decode(encoded.strip(), validate=True) if kind.lower() == b"basic" else b""
    except binascii.Error:
        return b""


async def _refuse(send: Send) -> None:
    headers = [
        (b"www-authenticate", b'Basic realm="MLflow of the sandbox", charset="UTF-8"'),
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(REFUSAL)).encode()),
    ]
    await send({"type": "http.response.start", "status": 401, "headers": headers})
    await send({"type": "http.response.body", "body": REFUSAL})


@cache
def _mlflow() -> Asgi:
    """Imported by the server alone: the command line, which waits beside it, looks at this module too."""
    from mlflow.server.fastapi_app import app as mlflow_app

    loaded: Asgi = mlflow_app
    return loaded


app = Guarded(_mlflow, os.environ["MLFLOW_TRACKING_USERNAME"], os.environ["MLFLOW_TRACKING_PASSWORD"])
