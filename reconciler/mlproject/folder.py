"""The files of a folder on this machine, such as an exported project or a model that was fetched."""

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path


@dataclass(frozen=True)
class FolderFiles:
    """See Files."""

    folder: Path

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Every file, relative to the folder, sorted."""
        found: list[str] = []
        for where, folders, files in os.walk(self.folder):
            here = Path(where)
            links = (name for name in folders if (here / name).is_symlink())
            found += ((here / name).relative_to(self.folder).as_posix() for name in (*files, *links))
        return tuple(sorted(found))

    def read(self, name: str) -> bytes | None:
        """What a file holds; None when there is none, or it is a link that leads out of the folder."""
        try:
            path = (self.folder / name).resolve()
            inside = path.is_relative_to(self.folder.resolve()) and path.is_file()
        except (OSError, RuntimeError):  # a link to itself
            return None
        return path.read_bytes() if inside else None
