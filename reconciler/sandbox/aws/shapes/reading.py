"""A raw value, read into members by its shape; what does not fit is noted and left out."""

from dataclasses import dataclass, field
from typing import Any

from reconciler.sandbox.aws.shapes.difference import HIDDEN, Difference, Kind, Mismatch, Path
from reconciler.sandbox.aws.shapes.formats.base import Format
from reconciler.sandbox.aws.shapes.model import Shape


class NotRead(Exception):
    """The value is not of its shape's type; that is noted."""


@dataclass(slots=True)
class Reading:
    """Reads values of one format."""

    format: Format
    differences: list[Difference] = field(default_factory=list)

    def value(self, raw: Any, shape: Shape, path: Path = ()) -> Any:
        """The value. Raises NotRead."""
        if getattr(shape, "is_document_type", False):
            return raw
        try:
            match shape.type_name:
                case "structure":
                    return self._structure(raw, shape, path)
                case "list":
                    return self._list(raw, shape, path)
                case "map":
                    return self._map(raw, shape, path)
            return self.format.scalar(raw, shape)
        except Mismatch:
            value = HIDDEN if shape.metadata.get("sensitive") else raw
            self.differences.append(Difference(Kind.TYPE, path, value, shape.type_name))
            raise NotRead from None

    def members(self, raw: dict[str, Any], shape: Shape, path: Path = ()) -> dict[str, Any]:
        """Those of a structure that can be read, from raw values by name."""
        read: dict[str, Any] = {}
        for name, one in raw.items():
            try:
                read[name] = self.value(one, shape.members[name], (*path, name))
            except NotRead:
                continue
        return read

    def unknown(self, names: Any, path: Path = ()) -> None:
        """Note members that no model has."""
        self.differences.extend(Difference(Kind.UNKNOWN, (*path, name)) for name in names)

    def _structure(self, raw: Any, shape: Shape, path: Path) -> dict[str, Any]:
        there, besides = self.format.members(raw, shape)
        self.unknown(besides, path)
        return self.members(dict(there), shape, path)

    def _list(self, raw: Any, shape: Shape, path: Path) -> list[Any]:
        items = []
        for number, one in enumerate(self.format.items(raw, shape), 1):
            try:
                items.append(self.value(one, shape.member, (*path, number)))
            except NotRead:
                continue
        return items

    def _map(self, raw: Any, shape: Shape, path: Path) -> dict[Any, Any]:
        entries = {}
        for raw_key, one in self.format.entries(raw, shape):
            try:
                key = self.value(raw_key, shape.key, path) if not isinstance(raw_key, str) else raw_key
                entries[key] = self.value(one, shape.value, (*path, str(key)))
            except NotRead:
                continue
        return entries
