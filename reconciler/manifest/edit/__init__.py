"""Changes of a manifest's text that leave every other byte as it is: comments, order, quotes and line ends.

The text is to be read and written without translation of line ends. Each change is checked before it is returned: the
new text must say what the old one says, save in the one place. Where an anchor, an alias or a merge key makes that
impossible, the change is refused with ManifestInvalid.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from reconciler.core.near import no_project
from reconciler.errors import ManifestInvalid
from reconciler.manifest.document import Document, read_document
from reconciler.manifest.edit.edits import Edit, Value, entry_added, entry_removed, first_entry_added, replaced
from reconciler.manifest.edit.pieces import Entry, Kind, Piece, read_pieces
from reconciler.manifest.problem import Problem, Where, describe, shown, suggestion

__all__ = ["Value", "add", "pin", "remove", "unpin"]

_BORROWED = "comes from an alias or a merge key (<<), because of which a change would reach further; write it out here"
_SHARED = "cannot be changed alone, because an anchor ties it to other lines; write those out, or edit by hand"
_MARK = "\ufeff"
_DIGITS = re.compile(r"(?<![^\s])[0-9]+\Z")


def pin(text: str, project: str, version: int, path: str = "manifest") -> str:
    """The text with the project's pinned version changed; a project that has no deployment gets one.

    `path` is for the messages. Raises ManifestInvalid.
    """
    manifest = _read(text, path)
    where: Where = ("projects", project, "deployment", "version")
    holder = manifest.mapping(where[:2])
    if manifest.own(holder, where[:3]) is None:
        edit = entry_added(manifest.text, holder, "deployment", {"version": version})
        return manifest.changed(edit, where[:3], {"version": version})
    holder = manifest.mapping(where[:3])
    if (entry := manifest.own(holder, where)) is None:
        return manifest.changed(entry_added(manifest.text, holder, "version", version), where, version)
    return manifest.changed(_other_digits(manifest, entry.value, version, where), where, version)


def unpin(text: str, project: str, path: str = "manifest") -> str:
    """The text without the project's deployment; the same text when it has none. Raises ManifestInvalid."""
    manifest = _read(text, path)
    where: Where = ("projects", project, "deployment")
    holder = manifest.mapping(where[:2])
    return manifest.without(holder, where) if manifest.own(holder, where) else text


def add(text: str, project: str, lines: Value, path: str = "manifest") -> str:
    """The text with one project more, behind those that it has. Raises ManifestInvalid."""
    manifest = _read(text, path)
    where: Where = ("projects", project)
    holder = manifest.mapping(where[:1])
    if manifest.own(holder, where):
        manifest.refuse(where, "is there already; choose another name")
    if read_document(f"{project}: 0").value != {project: 0}:
        manifest.refuse(where[:1], f"can hold {project!r} in quotes only; choose another name")
    edit = None if manifest.root.flow else first_entry_added(manifest.text, holder, project, lines)
    edit = edit or entry_added(manifest.text, holder, project, lines, apart=True)
    return manifest.changed(edit, where, lines)


def remove(text: str, project: str, path: str = "manifest") -> str:
    """The text without the project. Raises ManifestInvalid."""
    manifest = _read(text, path)
    where: Where = ("projects", project)
    holder = manifest.mapping(where[:1])
    if manifest.own(holder, where) is None:
        manifest.refuse_unknown(project)
    return manifest.without(holder, where)


@dataclass(frozen=True, slots=True)
class _Manifest:
    """A manifest that can be read: what it says, and where it says it."""

    path: str
    mark: str
    """The byte order mark, or nothing; `text` is what follows."""
    text: str
    document: Document
    root: Piece

    def mapping(self, where: Where) -> Entry:
        """The mapping at a place, with its key. Raises ManifestInvalid when there is none that is written there."""
        entry = Entry(self.root, self.root)
        for depth in range(1, len(where) + 1):
            found = self.own(entry, where[:depth])
            if found is None:
                self.refuse_unknown(str(where[depth - 1]), where[: depth - 1])
            entry = found
            if entry.value.kind is Kind.ALIAS:
                self.refuse(where[:depth], _BORROWED)
            if entry.value.kind is not Kind.MAPPING:
                self.refuse(
                    where[:depth], f"{shown(_at(self.document.value, where[:depth]))} is not a mapping; write {{}}"
                )
        return entry

    def own(self, holder: Entry, where: Where) -> Entry | None:
        """The entry at a place of the mapping. Raises ManifestInvalid for one that is written elsewhere."""
        found = holder.value.own(str(where[-1]))
        if found is None and where[-1] in _at(self.document.value, where[:-1]):
            self.refuse(where, _BORROWED)
        return found

    def without(self, holder: Entry, where: Where) -> str:
        """The text without an entry of the mapping. Raises ManifestInvalid."""
        edit = entry_removed(self.text, holder, str(where[-1]))
        if edit is None:
            self.refuse(where, "is written in a form that is not edited here; edit by hand")
        return self.changed(edit, where)

    def changed(self, edit: Edit, where: Where, *value: Any) -> str:
        """The text after an edit that gives one place a value, or none. Raises ManifestInvalid when it does more."""
        after = replaced(self.text, edit)
        document = read_document(after)
        if document.problems or document.value != _with(self.document.value, where, *value):
            self.refuse(where, _SHARED)
        return self.mark + after

    def refuse(self, where: Where, what: str) -> NoReturn:
        raise ManifestInvalid(describe(self.path, self.document.lines, [Problem(where, what)]))

    def refuse_unknown(self, name: str, where: Where = ("projects",)) -> NoReturn:
        known = _at(self.document.value, where)
        if where == ("projects",):
            self.refuse(where, "; ".join(no_project([name], known)))
        near = suggestion(name, known) or f"; there are {', '.join(known) or 'none'}"
        self.refuse(where, f"has no {name!r}{near}")


def _read(text: str, path: str) -> _Manifest:
    mark = _MARK if text.startswith(_MARK) else ""
    rest = text.removeprefix(_MARK)
    document = read_document(rest)
    problems = document.problems
    if not problems and not isinstance(document.value, dict):
        problems = (Problem((), f"{shown(document.value)} is not a manifest; it starts with `version: 1`"),)
    if problems:
        raise ManifestInvalid(describe(path, document.lines, problems))
    return _Manifest(path, mark, rest, document, read_pieces(rest))


def _other_digits(manifest: _Manifest, piece: Piece, version: int, where: Where) -> Edit:
    if piece.kind is Kind.ALIAS:
        manifest.refuse(where, _BORROWED)
    digits = _DIGITS.search(manifest.text[piece.start : piece.end]) if piece.kind is Kind.SCALAR else None
    if digits is None:
        found = shown(_at(manifest.document.value, where))
        manifest.refuse(where, f"{found} is not a version, because that is a whole number; write one by hand first")
    return Edit(piece.start + digits.start(), piece.end, str(version))


def _at(value: Any, where: Where) -> Any:
    for step in where:
        value = value[step]
    return value


def _with(value: Mapping[str, Any], where: Where, *new: Any) -> dict[str, Any]:
    """A copy with another value at a place, or with none."""
    step, rest = str(where[0]), where[1:]
    if rest:
        return {**value, step: _with(value[step], rest, *new)}
    kept = {key: child for key, child in value.items() if key != step}
    return {**kept, step: new[0]} if new else kept
