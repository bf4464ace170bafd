"""Adding an entry to a YAML mapping, and taking one out, in the style that the mapping is written in."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from reconciler.manifest.edit.pieces import Entry, Piece

Value = int | Mapping[str, "Value"]
"""A number, or a mapping of more."""
_COLON = re.compile(r"\s*:([ \t]+[&!]\S*)*")
_COMMENT = re.compile(r"([ \t]*)#")


@dataclass(frozen=True, slots=True)
class Edit:
    """What is put in the place of the characters from `start` to before `end`."""

    start: int
    end: int
    text: str
    empties: int | None = None
    """Where `{}` is to stand, for a mapping that the edit leaves without entries; before `start`."""


def replaced(text: str, edit: Edit) -> str:
    """The text after an edit."""
    after = edit.text + text[edit.end :]
    if edit.empties is None:
        return text[: edit.start] + after
    return f"{text[: edit.empties]} {{}}{text[edit.empties : edit.start]}{after}"


def entry_added(text: str, holder: Entry, name: str, value: Value, *, apart: bool = False) -> Edit:
    """An edit that adds an entry to the end of a mapping; `holder` is the mapping with its key.

    `apart`: with an empty line before it, where entries that are there are set apart, or there is only one.
    """
    mapping = holder.value
    quote = (mapping.entries[-1].key if mapping.entries else holder.key).quote
    if mapping.flow:
        return _added_in_brackets(text, mapping, f"{quote}{name}{quote}: {_in_brackets(value, quote)}")
    first = mapping.entries[0].key.start
    margin = text[_line_start(text, first) : first]
    # What a block's children are set in by, in this very block.
    step = " " * (len(margin) - _column(text, holder.key.start)) or "  "
    lines = _block(name, value, margin, step, quote)
    gap = [""] if apart and _set_apart(text, mapping) else []
    return _lines_added(text, _behind_its_comments(text, _line_end(text, mapping.end), len(margin)), [*gap, *lines])


def first_entry_added(text: str, holder: Entry, name: str, value: Value) -> Edit | None:
    """An edit that writes an entry under a key that has `{}`; None when something else stands on that line."""
    mapping, end = holder.value, _line_end(text, holder.value.end)
    rest = text[mapping.end : end]
    if text[mapping.start : mapping.end] != "{}" or rest.split("#")[0].strip():
        return None
    margin = " " * _column(text, holder.key.start)
    lines = _block(name, value, f"{margin}  ", "  ", holder.key.quote)
    after = "".join(_line_break(text) + line for line in lines)
    return Edit(_before_blanks(text, mapping.start), end, rest.rstrip("\r\n") + after + _line_break(text))


def entry_removed(text: str, holder: Entry, name: str) -> Edit | None:
    """An edit that takes an entry out of a mapping; None when it shares its lines with something else."""
    mapping = holder.value
    number = next(index for index, entry in enumerate(mapping.entries) if entry.key.text == name)
    if mapping.flow:
        return _removed_in_brackets(text, mapping, number)
    entry = mapping.entries[number]
    start = _line_start(text, entry.key.start)
    if text[start : entry.key.start].strip():
        return None
    end = _behind_its_comments(text, _line_end(text, entry.value.end), entry.key.start - start)
    if len(mapping.entries) > 1:
        return Edit(start, end, "")
    colon = _COLON.match(text, holder.key.end)
    return Edit(start, end, "", colon.end()) if colon else None


def _added_in_brackets(text: str, mapping: Piece, entry: str) -> Edit:
    if not mapping.entries:
        return Edit(mapping.inside, mapping.inside, entry)
    last = mapping.entries[-1]
    before = mapping.entries[-2].value.end if len(mapping.entries) > 1 else mapping.inside
    start = _line_start(text, last.key.start)
    alone = start >= before and not text[start : last.key.start].strip()
    separator = f",{_line_break(text)}{text[start : last.key.start]}" if alone else ", "
    return Edit(last.value.end, last.value.end, separator + entry)


def _in_brackets(value: Value, quote: str) -> str:
    if isinstance(value, int):
        return str(value)
    return f"{{{', '.join(f'{quote}{key}{quote}: {_in_brackets(child, quote)}' for key, child in value.items())}}}"


def _block(name: str, value: Value, margin: str, step: str, quote: str) -> list[str]:
    """The lines of an entry, each set in by the margin."""
    key = f"{margin}{quote}{name}{quote}:"
    if isinstance(value, int) or not value:
        return [f"{key} {_in_brackets(value, quote)}"]
    return [key, *(line for child in value for line in _block(child, value[child], margin + step, step, quote))]


def _set_apart(text: str, mapping: Piece) -> bool:
    """Whether empty lines stand between the entries of a block, or none can."""
    pairs = zip(mapping.entries, mapping.entries[1:], strict=False)
    return len(mapping.entries) == 1 or any(_gap(text, *pair) for pair in pairs)


def _gap(text: str, one: Entry, other: Entry) -> bool:
    return any(not line.strip() for line in text[_line_end(text, one.value.end) : other.key.start].splitlines()[:-1])


def _lines_added(text: str, position: int, lines: list[str]) -> Edit:
    line_break = _line_break(text)
    if text.endswith("\n", 0, position):
        return Edit(position, position, "".join(line + line_break for line in lines))
    return Edit(position, position, "".join(line_break + line for line in lines))


def _removed_in_brackets(text: str, mapping: Piece, number: int) -> Edit:
    entry = mapping.entries[number]
    if len(mapping.entries) == 1:
        return Edit(mapping.inside, mapping.end - 1, "")
    before = mapping.entries[number - 1].value.end if number else mapping.inside
    after = mapping.entries[number + 1].key.start if number + 1 < len(mapping.entries) else mapping.end - 1
    start, end = _line_start(text, entry.key.start), _line_end(text, entry.value.end)
    if start >= before and end <= after and re.fullmatch(r"\s*,?\s*(#.*)?\s*", text[entry.value.end : end]):
        return Edit(start, end, "")
    if number + 1 < len(mapping.entries):
        return Edit(entry.key.start, after, "")
    return Edit(entry.key.start if "\n" in text[before : entry.key.start] else before, entry.value.end, "")


def _behind_its_comments(text: str, position: int, column: int) -> int:
    """Behind the comments that follow and are set in further than the column."""
    while (comment := _COMMENT.match(text, position)) and len(comment[1]) > column:
        position = _line_end(text, position)
    return position


def _before_blanks(text: str, position: int) -> int:
    return len(text[:position].rstrip(" \t"))


def _column(text: str, position: int) -> int:
    return position - _line_start(text, position)


def _line_start(text: str, position: int) -> int:
    return text.rfind("\n", 0, position) + 1


def _line_end(text: str, position: int) -> int:
    """Behind the line break, or at the end of the text."""
    found = text.find("\n", position)
    return len(text) if found < 0 else found + 1


def _line_break(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"
