"""A plain moto server on loopback."""

from collections.abc import Iterator
from contextlib import contextmanager

import requests
from moto.server import ThreadedMotoServer

BUCKET = "states"
"""Of states, for tests that need one."""


@contextmanager
def moto_server() -> Iterator[str]:
    """Its address, while it runs."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        yield f"http://{host}:{port}"
    finally:
        server.stop()


def empty(address: str) -> None:
    """Delete everything; servers of one process share what they hold."""
    requests.post(f"{address}/moto-api/reset", timeout=10).raise_for_status()
