"""Symbolic links, which a repository may bring and nobody has to follow."""

import os
from pathlib import Path


def leads_out(path: Path, root: Path) -> bool:
    """Whether what stands at the path is outside the folder `root`, or nowhere: a link that points to itself."""
    try:
        target = os.path.realpath(path, strict=True)
    except (FileNotFoundError, NotADirectoryError):
        target = os.path.realpath(path)
    except OSError:
        return True
    return not Path(target).is_relative_to(os.path.realpath(root))


def is_folder(path: Path) -> bool:
    """Whether a folder stands there: a name that no file system takes, or one that nobody may look at, is none."""
    try:
        return path.is_dir()
    except OSError:
        return False
