"""What a shape asks of its values beyond their types: required members, enumerations, lengths, ranges, patterns."""

from collections.abc import Iterator, Mapping
from typing import Any

from reconciler.sandbox.aws.shapes import patterns
from reconciler.sandbox.aws.shapes.difference import HIDDEN, Difference, Kind, Path
from reconciler.sandbox.aws.shapes.model import Shape

Breaches = Iterator[Difference]
WITH_LENGTH = frozenset({"string", "list", "map", "blob"})


def breaches(value: Any, shape: Shape, path: Path = ()) -> Breaches:
    """All that a value which was read by its shape breaks, in the order of its members."""
    kind = shape.type_name
    yield from _bounds(value, shape, path)
    match kind:
        case "structure":
            yield from _structure(value, shape, path)
        case "list":
            for number, one in enumerate(value, 1):
                yield from breaches(one, shape.member, (*path, number))
        case "map":
            for key, one in value.items():
                yield from breaches(key, shape.key, (*path, str(key)))
                yield from breaches(one, shape.value, (*path, str(key)))
        case "string":
            yield from _text(value, shape, path)


def _structure(value: Mapping[str, Any], shape: Shape, path: Path) -> Breaches:
    if getattr(shape, "is_document_type", False):
        return
    for name in shape.required_members:
        if name not in value:
            yield Difference(Kind.MISSING, (*path, name))
    for name, one in value.items():
        yield from breaches(one, shape.members[name], (*path, name))


def _text(value: str, shape: Shape, path: Path) -> Breaches:
    if shape.enum and value not in shape.enum:
        yield Difference(Kind.ENUM, path, _told(value, shape), list(shape.enum))
    pattern = shape.metadata.get("pattern")
    if pattern and not patterns.matches(pattern, value):
        yield Difference(Kind.PATTERN, path, _told(value, shape), pattern)


def _bounds(value: Any, shape: Shape, path: Path) -> Breaches:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is None and most is None:
        return
    kind = Kind.LENGTH if shape.type_name in WITH_LENGTH else Kind.RANGE
    size = len(value) if kind is Kind.LENGTH else value
    if least is not None and size < least:
        yield Difference(kind, path, _told(value, shape), ("at least", least))
    if most is not None and size > most:
        yield Difference(kind, path, _told(value, shape), ("at most", most))


def _told(value: Any, shape: Shape) -> Any:
    return HIDDEN if shape.metadata.get("sensitive") else value
