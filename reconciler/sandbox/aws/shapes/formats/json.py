"""Members in JSON, and in CBOR, which has the same types and two more."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from reconciler.sandbox.aws.shapes.difference import Mismatch
from reconciler.sandbox.aws.shapes.formats.base import FRACTIONS, NUMBERS, WHOLE, blob, moment
from reconciler.sandbox.aws.shapes.model import Shape

TYPE_NAME = "__type"
"""A member that AWS's protocols add."""


class JsonFormat:
    """JSON's objects, arrays and scalars."""

    def members(self, raw: Any, shape: Shape) -> tuple[Mapping[str, Any], Iterable[str]]:
        """A member that is null is not there."""
        if not isinstance(raw, dict):
            raise Mismatch
        names = {member.serialization.get("name", name): name for name, member in shape.members.items()}
        there = {names[key]: value for key, value in raw.items() if key in names and value is not None}
        return there, [key for key in raw if key not in names and key != TYPE_NAME]

    def items(self, raw: Any, _shape: Shape) -> Iterable[Any]:
        """Of an array."""
        if not isinstance(raw, list):
            raise Mismatch
        return raw

    def entries(self, raw: Any, _shape: Shape) -> Iterable[tuple[Any, Any]]:
        """Of an object."""
        if not isinstance(raw, dict):
            raise Mismatch
        return raw.items()

    def scalar(self, raw: Any, shape: Shape) -> Any:
        """Moments are numbers or texts, bytes are texts."""
        kind = shape.type_name
        if kind == "timestamp":
            return _moment(raw, shape)
        if kind == "blob":
            return raw if isinstance(raw, bytes) else blob(_of(str, raw))
        if kind in FRACTIONS:
            return NUMBERS[raw] if isinstance(raw, str) and raw in NUMBERS else _fraction(raw)
        if kind in WHOLE:
            return _whole(raw)
        return _of(bool if kind == "boolean" else str, raw)


def _moment(raw: Any, shape: Shape) -> datetime:
    if isinstance(raw, datetime):  # CBOR
        return raw
    written = shape.serialization.get("timestampFormat", "unixTimestamp")
    return moment(str(_fraction(raw)) if written == "unixTimestamp" else _of(str, raw), written)


def _whole(raw: Any) -> int:
    number = _fraction(raw)
    if number != int(number):
        raise Mismatch
    return int(number)


def _fraction(raw: Any) -> float:
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        raise Mismatch
    return raw


def _of(kind: type, raw: Any) -> Any:
    if not isinstance(raw, kind):
        raise Mismatch
    return raw
