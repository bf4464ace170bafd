"""Check plain values against the schema: what is right comes back typed, what is wrong as problems."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic_core import ValidationError

from reconciler.manifest.engine import validator
from reconciler.manifest.problem import Problem, Where, related
from reconciler.manifest.schema import ManifestFile
from reconciler.manifest.sentences import explain


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
    problems = tuple(one for one in found if not any(related(one.where, known) for known in unread))
    return Checked(validator(ManifestFile).validate_python(rest), problems, frozenset(spoilt))


def _problems(value: Mapping[str, Any]) -> list[Problem]:
    try:
        validator(ManifestFile).validate_python(value)
    except ValidationError as error:
        return [explain(detail) for detail in error.errors(include_url=False)]
    return []


def without(value: Mapping[str, Any], places: Iterable[Where]) -> dict[str, Any]:
    """A copy without the values at `places`; a list goes whole when an item does."""
    heads = {place[0] for place in places if len(place) == 1 or isinstance(place[1], int)}
    return {key: _pruned(child, key, places) for key, child in value.items() if key not in heads}


def _pruned(child: Any, key: str, places: Iterable[Where]) -> Any:
    below = [place[1:] for place in places if place[0] == key and len(place) > 1]
    return without(child, below) if below and isinstance(child, dict) else child


def _holder(value: Any, where: Where) -> Where:
    """The place itself when something is there; for what is missing, the mapping that lacks it."""
    for depth, step in enumerate(where):
        if not isinstance(value, dict) or step not in value:
            return where[:depth]
        value = value[step]
    return where
