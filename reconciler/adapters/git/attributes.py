"""What attributes do to the files of a folder when they are exported: those of the commit's whole tree.

https://git-scm.com/docs/gitattributes
"""

import hashlib
import posixpath
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

from reconciler.adapters.git.command import NO_SYSTEM, OWN_ATTRIBUTES, Git

ASKED = ("export-ignore", "export-subst", "filter", "ident", "working-tree-encoding", "text", "eol")
_OFF = ("unspecified", "unset")
IGNORED = "export-ignore=set"
Effects = Mapping[str, tuple[str, ...]]
"""By file: what is done to it, in words of gitattributes."""


def effects(git: Git, treeish: str, paths: Collection[str]) -> Effects:
    """What is done to paths of a tree on export, as the tree's own attributes say. Raises SourceUnusable.

    Folders end in a slash. Line ends are exported as they are stored unless a file asks for CRLF.
    """
    if not paths:
        return {}
    with tempfile.TemporaryDirectory(prefix="reconcile-index-") as scratch:
        own = {**NO_SYSTEM, "GIT_INDEX_FILE": str(Path(scratch) / "index")}
        git.ask("read-tree", treeish, environment=own)
        given = "".join(f"{path}\0" for path in paths)
        answer = git.ask(
            *OWN_ATTRIBUTES, "check-attr", "--cached", "-z", "--stdin", *ASKED, given=given, environment=own
        )
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


def with_folders(names: Iterable[str]) -> list[str]:
    """The names, and the folders that hold them, each with a slash at its end."""
    listed = list(names)
    folders = {f"{parent}/" for name in listed for parent in PurePosixPath(name).parents if str(parent) != "."}
    return sorted({*listed, *folders})


def above(folder: str) -> list[str]:
    """The folder and those that hold it, each with a slash at its end."""
    return [f"{parent}/" for parent in (PurePosixPath(folder), *PurePosixPath(folder).parents) if str(parent) != "."]


def left_out(name: str, done: Effects) -> bool:
    """Whether an export is without a file, or without a folder that holds it."""
    return any(IGNORED in done.get(path, ()) for path in (name, *above(posixpath.dirname(name))))


def digest_of(whole: Effects, own: Effects) -> str:
    """64 hex digits for what attributes above a folder do beyond those in it; empty when that is nothing."""
    differing = sorted({*whole.items()} ^ {*own.items()})
    text = "".join(f"{path}\0{' '.join(done)}\n" for path, done in differing)
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest() if differing else ""
