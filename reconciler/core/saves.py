"""Which saved files matter to a watch, and when what was saved has settled. No clock: the times are handed in."""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

QUIET = 0.4
"""Seconds without another save after which a change has settled."""
LONGEST = 5.0
"""Seconds after the first save of a change: one that never comes to rest is looked at all the same."""

BYSTANDERS = frozenset(
    {
        ".git",
        ".idea",
        ".ipynb_checkpoints",
        ".mypy_cache",
        ".pytest_cache",
        ".ruff_cache",
        ".venv",
        ".vscode",
        "__pycache__",
        "mlartifacts",
        "mlruns",
    }
)
"""Folders that programs write into all the time, whether or not somebody has told git to ignore them."""
SCRATCH = ("*~", ".*.sw?", "4913", "#*#", ".#*", "*___jb_???___", ".goutputstream-*", "*.kate-swp", ".DS_Store")
"""What editors keep beside the file that is being edited."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a watch looks at: absolute paths."""

    files: frozenset[Path]
    folders: frozenset[Path]

    def holds(self, path: Path) -> bool:
        """Whether a save of this file may change the plan; so may the making of a folder that is not there yet."""
        return path in self.files or any(_within(path, folder) or path in folder.parents for folder in self.folders)


def _within(path: Path, folder: Path) -> bool:
    if not path.is_relative_to(folder):
        return False
    parts = path.relative_to(folder).parts
    return BYSTANDERS.isdisjoint(parts) and not any(fnmatchcase(path.name, pattern) for pattern in SCRATCH)


@dataclass(frozen=True, slots=True)
class Burst:
    """Saves that come so close together that they are one change."""

    paths: frozenset[Path]
    first: float
    """When the first file was saved, in seconds on a clock that never goes back."""
    last: float

    @property
    def due(self) -> float:
        """When it has settled, unless another file is saved before."""
        return min(self.last + QUIET, self.first + LONGEST)


def joined(burst: Burst | None, path: Path, now: float) -> Burst:
    """The burst with one more save; None: the first one."""
    if burst is None:
        return Burst(frozenset({path}), now, now)
    return Burst(burst.paths | {path}, burst.first, now)
