"""The functions of GitHub's expressions."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from support.workflows.values import Wrong, equal, from_json, text, to_json

_HOLE = re.compile(r"\{\{|\}\}|\{(\d+)\}|[{}]")


def call(name: str, arguments: Sequence[Any]) -> Any:
    """What a function gives. Raises Wrong."""
    known = _FUNCTIONS.get(name.lower())
    if known is None:
        raise Wrong(f"{name}() is not known here")
    function, least, most = known
    if not least <= len(arguments) <= most:
        raise Wrong(f"{name}() takes no {len(arguments)} arguments")
    return function(*arguments)


def _contains(where: Any, what: Any) -> bool:
    if isinstance(where, Sequence) and not isinstance(where, str):
        return any(equal(one, what) for one in where)
    return text(what).casefold() in text(where).casefold()


def _starts_with(where: Any, what: Any) -> bool:
    return text(where).casefold().startswith(text(what).casefold())


def _ends_with(where: Any, what: Any) -> bool:
    return text(where).casefold().endswith(text(what).casefold())


def _format(pattern: Any, *values: Any) -> str:
    def filled(hole: re.Match[str]) -> str:
        if hole[0] in ("{{", "}}"):
            return hole[0][0]
        if hole[1] is None or int(hole[1]) >= len(values):
            raise Wrong(f"format() has no value for {hole[0]} in {pattern!r}")
        return text(values[int(hole[1])])

    return _HOLE.sub(filled, text(pattern))


def _join(what: Any, between: Any = ",") -> str:
    many = isinstance(what, Sequence) and not isinstance(what, str)
    return text(between).join(text(one) for one in what) if many else text(what)


def _from_json(told: Any) -> Any:
    return from_json(text(told))


_MANY = 255
_FUNCTIONS: Mapping[str, tuple[Callable[..., Any], int, int]] = {
    "contains": (_contains, 2, 2),
    "startswith": (_starts_with, 2, 2),
    "endswith": (_ends_with, 2, 2),
    "format": (_format, 1, _MANY),
    "join": (_join, 1, 2),
    "tojson": (to_json, 1, 1),
    "fromjson": (_from_json, 1, 1),
}
