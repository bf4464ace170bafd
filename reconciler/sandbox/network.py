"""Ports on the loopback interface, and whether something answers on them."""

import http.client
import random
import socket
from urllib.parse import urlsplit

LOOPBACK = "127.0.0.1"
CANDIDATES = range(20_000, 32_000)
"""Below the ports that Linux and macOS hand to outgoing connections: a restart must find its own free again."""


def is_free(port: int) -> bool:
    """Whether a server can listen on `port` of the loopback interface."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def free_port(taken: frozenset[int] = frozenset()) -> int:
    """Choose a free port that is not in `taken`."""
    while True:
        port = random.choice(CANDIDATES)  # noqa: S311 - nothing secret in a port
        if port not in taken and is_free(port):
            return port


def url(port: int) -> str:
    """Address of a server on `port` of the loopback interface."""
    return f"http://{LOOPBACK}:{port}"


def listens(address: str, timeout: float = 2.0) -> bool:
    """Whether something accepts connections at the URL `address`."""
    parts = urlsplit(address)
    try:
        socket.create_connection((parts.hostname, parts.port), timeout).close()
    except OSError:
        return False
    return True


def answers(address: str, path: str, timeout: float = 2.0) -> bool:
    """Whether GET `path` at the URL `address` answers 200. No proxy is asked."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname or LOOPBACK, parts.port, timeout=timeout)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
