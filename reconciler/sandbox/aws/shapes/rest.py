"""Members that stand outside the body: in the path, the query and the headers."""

import base64
import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any
from urllib.parse import parse_qs, unquote

from reconciler.sandbox.aws.faults import routes
from reconciler.sandbox.aws.http import Environ
from reconciler.sandbox.aws.shapes.difference import Mismatch
from reconciler.sandbox.aws.shapes.formats.base import text_scalar
from reconciler.sandbox.aws.shapes.model import Shape

LABEL = re.compile(r"\\\{(\w+)(\\\+)?\\\}")
BODY = ""


class TextFormat:
    """Values that are written as text, of which a list has several."""

    def members(self, _raw: Any, _shape: Shape) -> Any:
        """There are none."""
        raise Mismatch

    def items(self, raw: Any, _shape: Shape) -> Any:
        """A header separates them by commas."""
        return raw if isinstance(raw, list) else [one.strip() for one in raw.split(",")]

    def entries(self, raw: Any, _shape: Shape) -> Any:
        """Of headers that begin alike."""
        return raw.items()

    def scalar(self, raw: Any, shape: Shape) -> Any:
        """Text, or JSON in base64."""
        if shape.serialization.get("jsonvalue"):
            return _json_value(raw)
        return text_scalar(raw, shape)


def outside(environ: Environ, template: str, shape: Shape) -> dict[str, Any]:
    """The raw values of members outside the body that are there, by name."""
    places: dict[str, Mapping[str, Any]] = {
        "uri": _labels(environ, template),
        "querystring": parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True),
        "header": dict(_headers(environ)),
    }
    return {name: value for name, member in shape.members.items() if (value := _raw(member, name, places)) is not None}


def told(headers: Mapping[str, str], status: str, shape: Shape) -> dict[str, Any]:
    """The raw values of an answer's members outside its body, by name."""
    places: dict[str, Mapping[str, Any]] = {"header": headers, "status": {"": status}}
    return {name: value for name, member in shape.members.items() if (value := _raw(member, name, places)) is not None}


def in_body(shape: Shape) -> dict[str, Shape]:
    """The members that stand in the body, by name."""
    return {name: member for name, member in shape.members.items() if "location" not in member.serialization}


def _raw(member: Shape, name: str, places: Mapping[str, Mapping[str, Any]]) -> Any:
    location, written = member.serialization.get("location", BODY), member.serialization.get("name", name)
    match location:
        case "uri":
            return places["uri"].get(written)
        case "header":
            return places["header"].get(written.lower())
        case "headers":
            return _prefixed(places["header"], written.lower())
        case "querystring":
            values = places["querystring"].get(written)
            return values if values is None or member.type_name == "list" else values[0]
        case "statusCode":
            return places["status"][""]
    return None


def _prefixed(headers: Mapping[str, str], prefix: str) -> dict[str, str] | None:
    found = {name[len(prefix) :]: value for name, value in headers.items() if name.startswith(prefix)}
    return found or None


def _headers(environ: Environ) -> Iterator[tuple[str, str]]:
    for name, value in environ.items():
        if name.startswith("HTTP_"):
            yield name[5:].lower().replace("_", "-"), value
        elif name in {"CONTENT_TYPE", "CONTENT_LENGTH"} and value:
            yield name.lower().replace("_", "-"), value


def _labels(environ: Environ, template: str) -> dict[str, str]:
    found = _path(template.partition("?")[0]).fullmatch(routes.sent_path(environ))
    return {name: unquote(value) for name, value in found.groupdict().items()} if found else {}


@cache
def _path(template: str) -> re.Pattern[str]:
    pattern = LABEL.sub(
        lambda label: f"(?P<{label[1]}>{'.+' if label[2] else '[^/]+'})", re.escape(template.rstrip("/"))
    )
    return re.compile(pattern + "/?")


def _json_value(raw: str) -> Any:
    try:
        return json.loads(base64.b64decode(raw))
    except ValueError as problem:
        raise Mismatch from problem
