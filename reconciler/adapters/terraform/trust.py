"""Whether somebody else on this machine could put a program of theirs in the place of one that we run."""

import os
import pwd
import stat
from collections.abc import Iterator
from pathlib import Path

TOP = Path("/")
"""What stands above it is taken for safe; tests move it down to folders of their own."""

ROOT = 0
OTHERS = stat.S_IWGRP | stat.S_IWOTH
LINKS = 40
"""Symbolic links that are followed, as Linux does."""


def why_not(path: Path) -> str:
    """Why a program at `path` may be somebody else's; empty when only root and the caller can have put it there.

    Raises OSError when it is not there. A folder like /tmp, in which everybody makes what nobody else removes, does not
    make safe what is in it: whoever made the folder below it may have been anybody.
    """
    return next(filter(None, map(_fault, _steps(path))), "")


def _steps(path: Path) -> Iterator[Path]:
    """Every real folder and file that decides what is found at `path`, from the top, symbolic links followed."""
    here, ahead, links = Path("/"), list(path.absolute().parts[1:]), 0
    while ahead:
        part = ahead.pop(0)
        if part == "..":
            here = here.parent
            continue
        following = here / part
        if not following.is_symlink():
            here = following
            if not TOP.is_relative_to(here):
                yield here
            continue
        links += 1
        if links > LINKS:
            raise OSError(f"{path} leads through too many symbolic links")
        target = following.readlink()
        here = Path("/") if target.is_absolute() else here
        ahead = [*target.parts[1 if target.is_absolute() else 0 :], *ahead]


def _fault(step: Path) -> str:
    found = step.lstat()
    if found.st_uid not in {ROOT, os.geteuid()}:
        return f"{step} belongs to {_user(found.st_uid)}"
    if found.st_mode & OTHERS:
        return f"{step} may be written by others (mode {stat.S_IMODE(found.st_mode):o})"
    return ""


def _user(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"user {number}"
