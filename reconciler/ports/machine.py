"""This machine, and the git repository that the manifest is in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from reconciler.core.lease import Holder
    from reconciler.mlproject import Fault, Files


class Machine(Protocol):
    """This machine, and this process."""

    def holder(self) -> Holder:
        """Who we are; the commit is left empty."""
        ...

    def is_gone(self, holder: Holder) -> bool:
        """Whether it was a process of this machine that has ended. False for what cannot be known."""
        ...

    def token(self) -> str:
        """8 random hex digits."""
        ...


@dataclass(frozen=True, slots=True)
class SourceTree:
    """What git says of one folder."""

    commit: str
    """40 hex digits of HEAD."""
    tree: str
    """Object id of the folder's tree at HEAD."""
    uncommitted: tuple[str, ...]
    """Files of the folder that differ from HEAD or are not tracked (ignored files left out), sorted."""
    files: Files
    """As they are at HEAD."""
    attributes: str = ""
    """64 hex digits for what attributes above the folder do to its files on export; empty: nothing."""
    ignored: tuple[str, ...] = ()
    """Files and folders that are there, and that git is told to ignore, sorted; without what everybody ignores."""
    faults: tuple[Fault, ...] = ()
    """What git itself knows to be wrong with the files."""
    left_out: tuple[str, ...] = ()
    """Files of the commit that attributes keep out of every export (`export-ignore`), sorted."""


@dataclass(frozen=True, slots=True)
class Head:
    """The commit that is checked out."""

    commit: str
    """40 hex digits."""
    author: str
    """As git gives the name."""


class Sources(Protocol):
    """The git repository that holds the manifest."""

    def head(self) -> Head:
        """What is checked out. Raises SourceUnusable."""
        ...

    def describe(self, path: str) -> SourceTree:
        """State of the folder `path`, relative to the project root. Raises SourceUnusable."""
        ...

    def uncommitted(self, paths: Sequence[str]) -> tuple[str, ...]:
        """Files at or below the paths that are not as HEAD has them, sorted. Raises SourceUnusable."""
        ...

    def signature_fault(self) -> str:
        """What is wrong with HEAD's signature, in git's words; empty when it is good. Raises SourceUnusable."""
        ...

    def export(self, commit: str, path: str, target: Path) -> None:
        """Write what git tracks under `path` at `commit` into the empty folder `target`."""
        ...
