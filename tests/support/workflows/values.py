"""What GitHub's expressions make of values: truth, text, numbers, equality."""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any


class Wrong(Exception):
    """A workflow that GitHub would not run, or one that uses what is not played here."""


def true(value: Any) -> bool:
    """Whether a condition holds for it."""
    return value not in (None, False, "", 0) and not (isinstance(value, float) and math.isnan(value))


def text(value: Any) -> str:
    """As it stands in a string."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int() | float():
            return _digits(value)
        case str():
            return value
        case Mapping():
            return "Object"
        case _:
            return "Array"


def number(value: Any) -> float:
    """As a comparison takes it; NaN for what is none."""
    match value:
        case None:
            return 0
        case bool() | int() | float():
            return float(value)
        case str():
            return _parsed(value.strip())
        case _:
            return math.nan


def equal(left: Any, right: Any) -> bool:
    """Case does not count, and unlike things are compared as numbers."""
    if isinstance(left, str) and isinstance(right, str):
        return left.casefold() == right.casefold()
    if _is_container(left) or _is_container(right):
        return left is right
    if left is None and right is None:
        return True
    return number(left) == number(right)


def less(left: Any, right: Any) -> bool:
    """Whether the left one comes before the right one."""
    if isinstance(left, str) and isinstance(right, str):
        return left.casefold() < right.casefold()
    return number(left) < number(right)


def from_json(told: str) -> Any:
    """The value that a text says. Raises Wrong."""
    try:
        return json.loads(told)
    except json.JSONDecodeError as error:
        raise Wrong(f"fromJSON cannot read {told!r}: {error}") from error


def to_json(value: Any) -> str:
    """A value as text, over several lines."""
    return json.dumps(value, indent=2, default=dict)


def _is_container(value: Any) -> bool:
    return isinstance(value, Mapping) or (isinstance(value, Sequence) and not isinstance(value, str))


def _digits(value: float) -> str:
    return str(int(value)) if value == int(value) else f"{value:.15g}"


def _parsed(told: str) -> float:
    if not told:
        return 0
    try:
        return float(int(told, 16)) if told[:2] == "0x" else float(told)
    except ValueError:
        return math.nan
