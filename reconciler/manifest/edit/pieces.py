"""Where in a YAML text each of its parts stands, so that one can be changed and the rest left as it is."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

import yaml

from reconciler.manifest.document import Loader


class Kind(Enum):
    """What a piece is."""

    SCALAR = auto()
    MAPPING = auto()
    LIST = auto()
    ALIAS = auto()


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """A part of a YAML text. Positions count characters from the start of the text."""

    kind: Kind
    start: int
    """Of its anchor or tag, when it has one."""
    end: int
    """Behind its last character; white space and comments after it are not part of it."""
    inside: int
    """Behind the opening bracket, when it has one."""
    flow: bool = False
    """Whether it is written in brackets."""
    text: str = ""
    """Value of a scalar."""
    quote: str = ""
    entries: tuple["Entry", ...] = ()
    """Of a mapping, merge keys included."""

    def own(self, key: str) -> "Entry | None":
        """The entry that is written here under the key."""
        return next((one for one in self.entries if one.key.kind is Kind.SCALAR and one.key.text == key), None)


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """A key of a mapping, and its value."""

    key: Piece
    value: Piece


def read_pieces(text: str) -> Piece:
    """The pieces of a text that holds one YAML document and no byte order mark. Raises yaml.YAMLError."""
    skipped = (yaml.StreamStartEvent, yaml.DocumentStartEvent)
    events = (event for event in yaml.parse(text, Loader=Loader) if not isinstance(event, skipped))
    return _piece(next(events), events, text)


def _piece(event: yaml.Event, events: Iterator[yaml.Event], text: str) -> Piece:
    start, behind = _span(event)
    match event:
        case yaml.MappingStartEvent():
            return _mapping(event, events, text)
        case yaml.SequenceStartEvent():
            last = behind
            while not isinstance(item := next(events), yaml.SequenceEndEvent):
                last = _piece(item, events, text).end
            return Piece(Kind.LIST, start, _span(item)[1] if event.flow_style else last, behind)
        case yaml.ScalarEvent():
            # A block scalar's mark is behind the empty lines after it.
            end = max(start, len(text[:behind].rstrip()))
            quote = event.style if event.style in ("'", '"') else ""
            return Piece(Kind.SCALAR, start, end, start, text=event.value, quote=quote)
    return Piece(Kind.ALIAS, start, behind, start)


def _mapping(event: yaml.MappingStartEvent, events: Iterator[yaml.Event], text: str) -> Piece:
    (start, inside), flow = _span(event), bool(event.flow_style)
    entries: list[Entry] = []
    while not isinstance(first := next(events), yaml.MappingEndEvent):
        key = _piece(first, events, text)
        entries.append(Entry(key, _piece(next(events), events, text)))
    end = _span(first)[1] if flow else entries[-1].value.end
    return Piece(Kind.MAPPING, start, end, inside, flow, entries=tuple(entries))


def _span(event: Any) -> tuple[int, int]:
    return int(event.start_mark.index), int(event.end_mark.index)
