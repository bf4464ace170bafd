"""What a commit holds of some folders: names, modes, object ids and sizes, by one question to git."""

from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

from reconciler.adapters.git.command import Git, records

SUBMODULE, LINK, TREE = "160000", "120000", "040000"
"""Modes that git gives to entries."""
ATTRIBUTES = ".gitattributes"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a tree."""

    path: str
    """From git's top level."""
    mode: str
    id: str
    size: int
    """Bytes; 0 for what is no file."""


@dataclass(frozen=True)
class Listing:
    """Entries of a commit by path, from git's top level."""

    entries: Mapping[str, Entry]

    def tree(self, folder: str) -> str | None:
        """Object id of a folder; None when the commit has none of that name."""
        entry = self.entries.get(folder)
        return entry.id if entry and entry.mode == TREE else None

    def below(self, folder: str) -> Iterator[tuple[str, Entry]]:
        """What is no folder below a folder, by its name relative to that."""
        start = f"{folder}/" if folder else ""
        for path in starting_with(start, self._paths):
            if (entry := self.entries[path]).mode != TREE:
                yield path.removeprefix(start), entry

    def attributes_above(self, folder: str) -> bool:
        """Whether a file of attributes stands above a folder, and may say something of its files."""
        above = PurePosixPath(folder).parents if folder else ()
        return any(str(parent / ATTRIBUTES) in self.entries for parent in above)

    def submodules(self, folder: str) -> Sequence[str]:
        """Names of the submodules in a folder."""
        return [name for name, entry in self.below(folder) if entry.mode == SUBMODULE]

    @cached_property
    def _paths(self) -> Sequence[str]:
        return sorted(self.entries)


def starting_with(start: str, paths: Sequence[str]) -> Sequence[str]:
    """Those of the sorted paths that begin so: found, and not searched for, as there may be very many."""
    at = bisect_left(paths, start)
    end = next((number for number in range(at, len(paths)) if not paths[number].startswith(start)), len(paths))
    return paths[at:end]


def is_attributes(path: str) -> bool:
    """Whether git takes a file for one of attributes."""
    return PurePosixPath(path).name == ATTRIBUTES


def list_folders(git: Git, commit: str, folders: Collection[str]) -> Listing:
    """What the commit holds of the folders, and the files of attributes above them. `git` is at git's top level.

    A folder that is not there is no error: it is not among the entries. Raises SourceUnusable.
    """
    above = {str(parent / ATTRIBUTES) for folder in folders for parent in PurePosixPath(folder).parents if folder}
    paths = () if "" in folders else ("--", *sorted({*folders, *above}))
    answer = git.ask("ls-tree", "-r", "-t", "-z", "--long", "--full-tree", commit, *paths)
    entries = {entry.path: entry for entry in map(_entry, records(answer))}
    if "" in folders:
        root = git.ask("rev-parse", "--verify", "--end-of-options", f"{commit}^{{tree}}").strip()
        entries[""] = Entry("", TREE, root, 0)
    return Listing(entries)


def _entry(record: str) -> Entry:
    """`<mode> <type> <id> <size>\\t<path>`"""
    described, _, path = record.partition("\t")
    mode, _, identity, size = described.split()
    return Entry(path, mode, identity, int(size) if size.isdigit() else 0)
