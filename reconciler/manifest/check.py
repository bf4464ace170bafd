"""Check plain values against the schema: what is right comes back typed, what is wrong as problems."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic_core import ValidationError

from reconciler.manifest.engine import validator
from reconciler.manifest.problem import Places, Problem, Where
from reconciler.manifest.schema import ManifestFile
from reconciler.manifest.sentences import explain

_GONE = object()
"""In the place of a value that is left out."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A manifest without its wrong parts, and every wrong part."""

    file: ManifestFile
    problems: tuple[Problem, ...]
    spoilt: frozenset[Where]
    """What is left out of `file` because it is wrong: no rule can say anything of it."""


def check(value: Mapping[str, Any], unread: frozenset[Where]) -> Checked:
    """Check the top mapping of a manifest. Values at `unread` are left out, and nothing is said of them."""
    rest = without(value, unread)
    found = _problems(rest)
    spoilt, wrong = set(unread), found
    while wrong:
        holders = {_holder(rest, one.where) for one in wrong}
        spoilt |= holders
        rest = without(rest, holders)
        # What is wrong now is wrong because of what was just left out.
        wrong = _problems(rest)
    silent = Places(unread)
    problems = tuple(one for one in found if not silent.touch(one.where))
    return Checked(validator(ManifestFile).validate_python(rest), problems, frozenset(spoilt))


def _problems(value: Mapping[str, Any]) -> list[Problem]:
    try:
        validator(ManifestFile).validate_python(value)
    except ValidationError as error:
        return [explain(detail) for detail in error.errors(include_url=False)]
    return []


def without(value: Mapping[str, Any], places: Iterable[Where]) -> dict[str, Any]:
    """A copy without the values at `places`; a list goes whole when an item does."""
    below: dict[str | int, list[Where]] = {}
    for place in places:
        below.setdefault(place[0], []).append(place[1:])
    kept = ((key, _pruned(child, below.get(key, ()))) for key, child in value.items())
    return {key: child for key, child in kept if child is not _GONE}


def _pruned(child: Any, places: Sequence[Where]) -> Any:
    if any(not place or isinstance(place[0], int) for place in places):
        return _GONE
    return without(child, places) if places and isinstance(child, dict) else child


def _holder(value: Any, where: Where) -> Where:
    """The place itself when something is there; for what is missing, the mapping that lacks it."""
    for depth, step in enumerate(where):
        if not isinstance(value, dict) or step not in value:
            return where[:depth]
        value = value[step]
    return where
