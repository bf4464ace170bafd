"""What each format tells of a raw value."""

import base64
import binascii
import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Protocol

from reconciler.sandbox.aws.shapes.difference import Mismatch
from reconciler.sandbox.aws.shapes.model import Shape

NUMBERS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
TRUTHS = {"true": True, "false": False}
WHOLE = frozenset({"integer", "long", "short", "byte"})
FRACTIONS = frozenset({"float", "double"})


class Format(Protocol):
    """Takes a raw value apart by its shape. Raises Mismatch for one that is not of the shape's type."""

    def members(self, raw: Any, shape: Shape, /) -> tuple[Mapping[str, Any], Iterable[str]]:
        """The members of a structure that are there, by name, and what it has besides."""

    def items(self, raw: Any, shape: Shape, /) -> Iterable[Any]:
        """The items of a list."""

    def entries(self, raw: Any, shape: Shape, /) -> Iterable[tuple[Any, Any]]:
        """Keys and values of a map."""

    def scalar(self, raw: Any, shape: Shape, /) -> Any:
        """Text, number, truth, moment or bytes."""


def text_scalar(text: str, shape: Shape) -> Any:
    """A value that is written as text: in XML, a query, a path or a header."""
    kind = shape.type_name
    if kind in WHOLE:
        return _number(int, text)
    if kind in FRACTIONS:
        return NUMBERS[text] if text in NUMBERS else _number(float, text)
    if kind == "boolean":
        return truth(text)
    if kind == "timestamp":
        return moment(text, shape.serialization.get("timestampFormat", _default(shape)))
    return blob(text) if kind == "blob" else text


def _default(shape: Shape) -> str:
    return "rfc822" if shape.serialization.get("location") == "header" else "iso8601"


def truth(text: str) -> bool:
    """Of the words `true` and `false`, in any case."""
    if text.lower() not in TRUTHS:
        raise Mismatch
    return TRUTHS[text.lower()]


def moment(text: str, form: str) -> datetime:
    """A point in time in one of AWS's three forms."""
    try:
        if form == "unixTimestamp":
            return datetime.fromtimestamp(float(text), UTC)
        found = parsedate_to_datetime(text) if form == "rfc822" else datetime.fromisoformat(text)
    except (ValueError, TypeError, OverflowError) as problem:
        raise Mismatch from problem
    if found.tzinfo is None:
        raise Mismatch
    return found


def blob(text: str) -> bytes:
    """Bytes in base64."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as problem:
        raise Mismatch from problem


def _number(of: type[int] | type[float], text: str) -> float:
    try:
        return of(text)
    except ValueError as problem:
        raise Mismatch from problem
