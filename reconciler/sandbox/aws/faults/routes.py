"""Names of operations whose protocol tells them by method and path, from the SDK's own descriptions of the services."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import parse_qsl

from botocore.exceptions import DataNotFoundError
from botocore.loaders import Loader

LOADER = Loader()
OPTIONAL = "x-id"
"""A query parameter that some SDKs add to name the operation."""


@dataclass(frozen=True, slots=True)
class Route:
    """How one operation is called."""

    operation: str
    method: str
    path: re.Pattern[str]
    parameters: Mapping[str, str]
    """Query parameters that are there, with this value unless it is empty."""
    headers: frozenset[str]
    """Headers that are there, as WSGI names them."""

    def matches(self, environ: Mapping[str, Any], query: Mapping[str, str]) -> bool:
        """Whether a request may be this."""
        return (
            environ["REQUEST_METHOD"] == self.method
            and bool(self.path.fullmatch(sent_path(environ)))
            and all(name in query and value in {"", query[name]} for name, value in self.parameters.items())
            and self.headers <= environ.keys()
        )

    @property
    def narrowness(self) -> int:
        """How much it asks for."""
        return len(self.parameters) + len(self.headers)


def operation(service: str, environ: Mapping[str, Any]) -> str:
    """Name of the operation that a request calls: the narrowest that it may be; empty when there is none."""
    query = dict(parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True))
    found = [route for route in _routes(service) if route.matches(environ, query)]
    return max(found, key=lambda route: route.narrowness).operation if found else ""


def sent_path(environ: Mapping[str, Any]) -> str:
    """The path as it was sent: a name or an ARN in it may have slashes of its own, escaped."""
    return str(environ.get("RAW_URI") or environ.get("PATH_INFO") or "/").partition("?")[0]


@cache
def model(service: str) -> Mapping[str, Any]:
    """The SDK's description of a service; empty for one that it does not know."""
    return _load(service, "service-2")


@cache
def paginators(service: str) -> Mapping[str, Any]:
    """How the SDK goes through a service's lists, by operation."""
    listed: Mapping[str, Any] = _load(service, "paginators-1").get("pagination", {})
    return listed


def _load(service: str, kind: str) -> Mapping[str, Any]:
    try:
        loaded: Mapping[str, Any] = LOADER.load_service_model(service, kind)
    except DataNotFoundError:
        return {}
    return loaded


@cache
def _routes(service: str) -> tuple[Route, ...]:
    described = model(service)
    offered = {name: one for name, one in described.get("operations", {}).items() if not one.get("deprecated")}
    return tuple(_route(name, one, described["shapes"]) for name, one in offered.items())


def _route(name: str, described: Mapping[str, Any], shapes: Mapping[str, Any]) -> Route:
    path, _, query = described["http"]["requestUri"].partition("?")
    literals = dict(parse_qsl(query, keep_blank_values=True))
    literals.pop(OPTIONAL, None)
    sent = list(_required(shapes.get(described.get("input", {}).get("shape"), {})))
    return Route(
        name,
        described["http"]["method"],
        re.compile(_pattern(path)),
        {**{place: "" for where, place in sent if where == "querystring"}, **literals},
        frozenset(_wsgi(place) for where, place in sent if where == "header"),
    )


def _required(shape: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name in shape.get("required", ()):
        member = shape["members"][name]
        yield member.get("location", "body"), member.get("locationName", name)


def _pattern(path: str) -> str:
    """`/{Bucket}/{Key+}` as a regular expression. Some SDKs end a path with a slash where others do not."""
    parts = re.split(r"(\{\w+\+?\})", path.rstrip("/"))
    return "".join(map(_piece, parts)) + "/?"


def _piece(part: str) -> str:
    if part.startswith("{"):
        return ".+" if part.endswith("+}") else "[^/]+"
    return re.escape(part)


def _wsgi(header: str) -> str:
    return "HTTP_" + header.upper().replace("-", "_")
