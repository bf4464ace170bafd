"""What attributes do to the files of folders when they are exported: those of the commit's whole tree.

https://git-scm.com/docs/gitattributes
"""

import hashlib
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from reconciler.adapters.git.command import Git
from reconciler.adapters.git.listing import Entry, Listing, is_attributes
from reconciler.adapters.git.own_attributes import without_machines

ASKED = ("export-ignore", "export-subst", "filter", "ident", "working-tree-encoding", "text", "eol")
_OFF = ("unspecified", "unset")
_LEFT_OUT = "export-ignore=set"
Effects = Mapping[str, tuple[str, ...]]
"""By file: what is done to it, in words of gitattributes."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What is done to the files of one folder, which are named relative to it."""

    whole: Effects = field(default_factory=dict)
    """By all attributes of the commit."""
    own: Effects = field(default_factory=dict)
    """By those that stand in the folder."""
    left_out: frozenset[str] = frozenset()
    """Files that `export-ignore` keeps out of every export."""


def find_effects(git: Git, listing: Listing, folders: Iterable[str]) -> Mapping[str, Applied]:
    """What is done to the files of each folder that any attributes apply to, by five questions at most.

    `git` is at git's top level. Raises SourceUnusable.
    """
    files = {path: entry for path, entry in listing.entries.items() if is_attributes(path)}
    names = {folder: _with_folders(name for name, _ in listing.below(folder)) for folder in folders}
    inside = {folder: [(name, one) for name, one in listing.below(folder) if is_attributes(name)] for folder in names}
    touched = [folder for folder in names if listing.attributes_above(folder) or inside[folder]]
    if not touched:
        return {}
    asked = {path for folder in touched for path in (*_above(folder), *(_path(folder, one) for one in names[folder]))}
    with without_machines(git) as alone:
        whole = _effects(alone, files, asked)
        own = _own_effects(alone, names, {folder: found for folder, found in inside.items() if found})
    return {folder: _applied(folder, names[folder], whole, own.get(folder, {})) for folder in touched}


def digest_of(applied: Applied) -> str:
    """64 hex digits for what attributes above a folder do beyond those in it; empty when that is nothing."""
    differing = sorted({*applied.whole.items()} ^ {*applied.own.items()})
    text = "".join(f"{path}\0{' '.join(done)}\n" for path, done in differing)
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest() if differing else ""


def _applied(folder: str, names: Iterable[str], whole: Effects, own: Effects) -> Applied:
    found = {name: done for name in names if (done := whole.get(_path(folder, name)))}
    gone = {path.rstrip("/") for path, done in whole.items() if _LEFT_OUT in done}
    files = (name for name in names if gone and not name.endswith("/"))
    left_out = {name for name in files if not gone.isdisjoint(_lineage(_path(folder, name)))}
    return Applied(found, own, frozenset(left_out))


def _own_effects(
    git: Git, names: Mapping[str, Collection[str]], inside: Mapping[str, Sequence[tuple[str, Entry]]]
) -> Mapping[str, Effects]:
    """What the attributes in each folder do by themselves: each folder is put where nothing stands above it."""
    places = {folder: str(number) for number, folder in enumerate(inside)}
    files = {f"{place}/{name}": entry for folder, place in places.items() for name, entry in inside[folder]}
    found = _effects(git, files, [f"{place}/{name}" for folder, place in places.items() for name in names[folder]])
    return {
        folder: {name: done for name in names[folder] if (done := found.get(f"{place}/{name}"))}
        for folder, place in places.items()
    }


def _effects(git: Git, files: Mapping[str, Entry], paths: Collection[str]) -> Effects:
    """What files of attributes do to paths, as if all stood in one tree. Folders end in a slash.

    Line ends are exported as they are stored unless a file asks for CRLF.
    """
    if not paths:
        return {}
    listed = "".join(f"{entry.mode} {entry.id}\t{path}\0" for path, entry in sorted(files.items()))
    with tempfile.TemporaryDirectory(prefix="reconcile-index-") as scratch:
        # An index of nothing but these files: git looks for no others, and a large repository costs no more.
        index = replace(git, variables={**git.variables, "GIT_INDEX_FILE": str(Path(scratch) / "index")})
        index.ask("update-index", "-z", "--index-info", given=listed)
        asked = "".join(f"{path}\0" for path in sorted(paths))
        answer = index.ask("check-attr", "--cached", "-z", "--stdin", *ASKED, given=asked)
    found: dict[str, dict[str, str]] = {}
    for path, attribute, value in _triples(answer):
        found.setdefault(path, {})[attribute] = value
    return {path: done for path, values in found.items() if (done := tuple(_done(values)))}


def _triples(answer: str) -> Iterator[Sequence[str]]:
    parts = answer.split("\0")
    return (parts[at : at + 3] for at in range(0, len(parts) - 2, 3))


def _done(values: Mapping[str, str]) -> Iterator[str]:
    for attribute in ASKED[:5]:
        if (value := values.get(attribute, _OFF[0])) not in _OFF:
            yield f"{attribute}={value}"
    if values.get("eol") == "crlf" and values.get("text") != "unset":
        yield f"eol=crlf text={values.get('text')}"


def _with_folders(names: Iterable[str]) -> list[str]:
    """The names, and the folders that hold them, each with a slash at its end."""
    listed = list(names)
    folders = {f"{parent}/" for name in listed for parent in PurePosixPath(name).parents if str(parent) != "."}
    return sorted({*listed, *folders})


def _above(folder: str) -> list[str]:
    """A folder and those that hold it, each with a slash at its end."""
    return [f"{path}/" for path in _lineage(folder)] if folder else []


def _lineage(path: str) -> list[str]:
    """A path and the folders that hold it."""
    pure = PurePosixPath(path)
    return [str(one) for one in (pure, *pure.parents) if str(one) != "."]


def _path(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name
