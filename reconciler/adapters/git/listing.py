"""What a commit holds of some folders: names, modes, object ids and sizes, by one question to git."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
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
        for path, entry in self.entries.items():
            if path.startswith(start) and entry.mode != TREE:
                yield path.removeprefix(start), entry

    def attributes_above(self, folder: str) -> bool:
        """Whether a file of attributes stands above a folder, and may say something of its files."""
        above = PurePosixPath(folder).parents if folder else ()
        return any(str(parent / ATTRIBUTES) in self.entries for parent in above)

    def has_attributes(self, folder: str) -> bool:
        """Whether a file of attributes stands in a folder or below it."""
        return any(name.rpartition("/")[2] == ATTRIBUTES for name, _ in self.below(folder))


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
