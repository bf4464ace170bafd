"""One digest for one value: what two runs compare instead of the states that they saw."""

import hashlib
import json
from collections.abc import Mapping, Set
from dataclasses import Field, fields, is_dataclass
from datetime import UTC, date, datetime, time, tzinfo
from enum import Enum
from typing import Any

LATER = {"later": True}
"""Metadata of a field that a kind got in a later version: at its default it is left out, so that what was digested
before still has its digest."""


def digest(value: object) -> str:
    """64 hex digits over a value's canonical form: of dataclasses, mappings, sequences, sets, enums, times, JSON.

    Fields that take no part in comparison are left out, and a value's order counts only where it is a sequence.
    Values that Python calls equal have one digest, except that true is not 1.
    Raises TypeError for anything else, ValueError for a number that is not finite.
    """
    return hashlib.sha256(_text(_canonical(value)).encode()).hexdigest()


def _text(plain: object) -> str:
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _canonical(value: Any) -> Any:  # noqa: C901, PLR0911 - one case for each kind of value
    match value:
        case Enum():
            return _canonical(value.value)
        case None | bool() | int() | str():
            return value
        case float():
            return int(value) if value.is_integer() else value
        case date() | time() | tzinfo():
            return _time(value)
        case Mapping():
            return {str(key): _canonical(item) for key, item in value.items()}
        case Set():
            return sorted((_canonical(item) for item in value), key=_text)
        case tuple() | list():
            return [_canonical(item) for item in value]
        case _ if is_dataclass(value):
            return _of_dataclass(value)
        case _:
            raise TypeError(f"{type(value).__name__} has no canonical form")


def _time(value: date | time | tzinfo) -> str:
    """One moment has one form, in whatever zone it is said."""
    return str(value.astimezone(UTC) if isinstance(value, datetime) and value.tzinfo else value)


def _is_silent(one: "Field[Any]", value: object) -> bool:
    return one.metadata.get("later", False) and value == one.default


def _of_dataclass(value: Any) -> dict[str, Any]:
    """Its fields, and under a name that no field can have, its kind: many kinds have the same fields."""
    told = (one for one in fields(value) if one.compare and not _is_silent(one, getattr(value, one.name)))
    compared = {one.name: _canonical(getattr(value, one.name)) for one in told}
    return {"": type(value).__name__, **compared}
