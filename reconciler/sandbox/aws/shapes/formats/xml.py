"""Members in XML."""

from collections.abc import Iterable, Mapping
from typing import Any
from xml.etree import ElementTree as ET

from reconciler.sandbox.aws.shapes.difference import Mismatch
from reconciler.sandbox.aws.shapes.formats.base import text_scalar
from reconciler.sandbox.aws.shapes.model import Shape

Element = ET.Element


class XmlFormat:
    """Elements by their local names. A raw value is the list of the elements of one name, or one attribute's text."""

    def members(self, raw: Any, shape: Shape) -> tuple[Mapping[str, Any], Iterable[str]]:
        """Elements below, and attributes."""
        node = _one(raw)
        names = {_name(member, name): name for name, member in shape.members.items()}
        below: dict[str, list[Element]] = {}
        for child in node:
            below.setdefault(local(child.tag), []).append(child)
        attributes = {names[one]: value for one, value in _attributes(node).items() if one in names}
        there: dict[str, Any] = {names[tag]: nodes for tag, nodes in below.items() if tag in names}
        return {**attributes, **there}, [tag for tag in below if tag not in names]

    def items(self, raw: Any, shape: Shape) -> Iterable[Any]:
        """Elements of one name, or all below the list's own."""
        if shape.serialization.get("flattened"):
            return [[node] for node in raw]
        item = shape.member.serialization.get("name", "member")
        nodes = list(_one(raw))
        if any(local(node.tag) != item for node in nodes):
            raise Mismatch
        return [[node] for node in nodes]

    def entries(self, raw: Any, shape: Shape) -> Iterable[tuple[Any, Any]]:
        """Elements with a key and a value."""
        key, value = shape.key.serialization.get("name", "key"), shape.value.serialization.get("name", "value")
        for node in raw if shape.serialization.get("flattened") else _one(raw):
            found = {local(child.tag): [child] for child in node}
            if found.keys() != {key, value}:
                raise Mismatch
            yield found[key], found[value]

    def scalar(self, raw: Any, shape: Shape) -> Any:
        """Text."""
        if isinstance(raw, str):
            return text_scalar(raw, shape)
        node = _one(raw)
        if len(node):
            raise Mismatch
        return text_scalar(node.text or "", shape)


def local(tag: str) -> str:
    """A name without its namespace."""
    return tag.rpartition("}")[2]


def _one(raw: Any) -> Element:
    if isinstance(raw, str) or len(raw) != 1:
        raise Mismatch
    found: Element = raw[0]
    return found


def _name(member: Shape, name: str) -> str:
    """Of the element, or of the attribute with its prefix left away."""
    flat = member.type_name == "list" and member.serialization.get("flattened")
    inner = member.member.serialization.get("name") if flat else None
    written = str(inner or member.serialization.get("name", name))
    return written.rpartition(":")[2] if member.serialization.get("xmlAttribute") else written


def _attributes(node: Element) -> dict[str, str]:
    return {local(name): value for name, value in node.attrib.items()}
