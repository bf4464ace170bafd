"""Members in the parameters of a form: `Tags.member.1.Key=…`, and EC2's `Tag.1.Key=…`."""

from collections.abc import Iterable, Mapping
from typing import Any

from reconciler.sandbox.aws.shapes.difference import Mismatch
from reconciler.sandbox.aws.shapes.formats.base import text_scalar
from reconciler.sandbox.aws.shapes.model import Shape

Tree = dict[str, Any]
"""Names up to the next point, and what stands below them."""
HERE = ""
"""The value of the name itself."""
NOT_MEMBERS = ("Action", "Version")


def tree(parameters: Iterable[tuple[str, str]]) -> Tree:
    """The parameters by the parts of their names."""
    root: Tree = {}
    for name, value in parameters:
        node = root
        for part in name.split("."):
            node = node.setdefault(part, {})
        node[HERE] = value
    return {name: node for name, node in root.items() if name not in NOT_MEMBERS}


class QueryFormat:
    """As most services have it that speak so."""

    def members(self, raw: Any, shape: Shape) -> tuple[Mapping[str, Any], Iterable[str]]:
        """By the first part of their names."""
        if raw.get(HERE):
            raise Mismatch
        names = {self._name(member, name): name for name, member in shape.members.items()}
        there = {names[part]: node for part, node in raw.items() if part in names}
        return there, [part for part in raw if part not in names and part != HERE]

    def items(self, raw: Any, shape: Shape) -> Iterable[Any]:
        """By their numbers. An empty list is an empty text."""
        below = (
            raw if shape.serialization.get("flattened") else raw.get(shape.member.serialization.get("name", "member"))
        )
        return _numbered(below, raw)

    def entries(self, raw: Any, shape: Shape) -> Iterable[tuple[Any, Any]]:
        """By their numbers."""
        below = raw if shape.serialization.get("flattened") else raw.get("entry")
        key, value = shape.key.serialization.get("name", "key"), shape.value.serialization.get("name", "value")
        return [(one.get(key, {HERE: ""}), one.get(value, {HERE: ""})) for one in _numbered(below, raw)]

    def scalar(self, raw: Any, shape: Shape) -> Any:
        """Text."""
        if set(raw) != {HERE}:
            raise Mismatch
        return text_scalar(raw[HERE], shape)

    def _name(self, member: Shape, name: str) -> str:
        flat = member.type_name == "list" and member.serialization.get("flattened")
        inner = member.member.serialization.get("name") if flat else None
        return str(inner or member.serialization.get("name", name))


class Ec2Format(QueryFormat):
    """EC2's own: names begin in upper case, and lists are flat."""

    def items(self, raw: Any, _shape: Shape) -> Iterable[Any]:
        """By their numbers."""
        return _numbered(raw, raw)

    def _name(self, member: Shape, name: str) -> str:
        if "queryName" in member.serialization:
            return str(member.serialization["queryName"])
        known = str(member.serialization.get("name", name))
        return known[0].upper() + known[1:]


def _numbered(below: Any, raw: Tree) -> list[Any]:
    if below is None or below.keys() == {HERE}:
        if raw == {HERE: ""}:
            return []
        raise Mismatch
    if not all(part.isdecimal() for part in below if part != HERE):
        raise Mismatch
    return [below[part] for part in sorted((part for part in below if part != HERE), key=int)]
