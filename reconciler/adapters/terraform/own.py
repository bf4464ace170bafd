"""The folder that Terraform runs programs from: only one that this user made in this very place is believed.

What lies in a work tree may have come with a clone or an archive, or from somebody else on the machine, and a provider
that lies there would be executed with the caller's credentials. So the folder has a random name, and the name is
remembered outside of every work tree: nobody else can put anything where it is looked for.
"""

import hashlib
import os
import re
import secrets
import shutil
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from reconciler.adapters.terraform import folders
from reconciler.ports import Say

PREFIX = "own-"
NAME = re.compile(rf"{PREFIX}[0-9a-f]{{32}}")
MEMORY = Path("lean-mlops-control-centre", "terraform")
PRIVATE = 0o077
NOBODY_ELSES = stat.S_IWGRP | stat.S_IWOTH

AFRESH = "holds what you did not initialise there for Terraform: it is taken away, and initialised afresh"
FORGOTTEN = "Terraform is initialised afresh in every run: set XDG_STATE_HOME to a folder that is yours"


def known(work: Path, env: Mapping[str, str]) -> Path | None:
    """The folder below `work` that this user made; None when there is none, or somebody else may write into it."""
    memory = _memory(work, env)
    if memory is None or not (_is_mine(memory.parent, PRIVATE) and _is_mine(memory, PRIVATE)):
        return None
    name = memory.read_text(encoding="ascii", errors="replace")
    return work / name if NAME.fullmatch(name) and is_ours(work / name) else None


def is_ours(folder: Path) -> bool:
    """Whether it is a folder of the caller's, no link to one, and nobody else may write into it."""
    return _is_mine(folder, NOBODY_ELSES) and folder.is_dir()


def make(work: Path, env: Mapping[str, str], say: Say) -> Path:
    """A new folder below `work`, remembered where that can be; what nobody remembers is taken away."""
    if strangers := tuple(_strangers(work)):
        say(f"{work} {AFRESH}")
        _take_away(strangers)
    folder = work / f"{PREFIX}{secrets.token_hex(16)}"
    folder.mkdir(parents=True, mode=0o700)
    if why := _why_not_remembered(_memory(work, env), folder.name):
        say(f"{why}: {FORGOTTEN}")
    return folder


def _memory(work: Path, env: Mapping[str, str]) -> Path | None:
    """The file that remembers the folder's name; its own name says where.

    https://specifications.freedesktop.org/basedir-spec/latest/: a relative path is none.
    """
    likely = (env.get("XDG_STATE_HOME", ""), f"{env.get('HOME', '')}/.local/state" if env.get("HOME") else "")
    state = next((Path(folder) for folder in likely if folder.startswith("/")), None)
    return state / MEMORY / hashlib.sha256(os.fsencode(work)).hexdigest() if state else None


def _is_mine(path: Path, others: int) -> bool:
    try:
        found = path.lstat()
    except OSError:
        return False
    return not stat.S_ISLNK(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & others


def _why_not_remembered(memory: Path | None, name: str) -> str:
    """Remember it, whole or not at all; empty when that was done."""
    if memory is None:
        return "neither XDG_STATE_HOME nor HOME is a folder"
    aside = memory.with_name(f"{memory.name}.{secrets.token_hex(4)}")
    try:
        for folder in (memory.parents[1], memory.parent):  # both, since `parents` are made for others to read
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not _is_mine(memory.parent, PRIVATE):
            return f"{memory.parent} is not yours alone"
        folders.write_private(aside, name)
        aside.replace(memory)
    except OSError as error:
        return f"{memory} cannot be written ({error.strerror})"
    return ""


def _strangers(work: Path) -> Iterator[Path]:
    """Folders of others, and of earlier versions, which had names that everybody can compute."""
    yield from work.glob(f"{PREFIX}*")
    yield from work.glob("providers")
    yield from (ready.parent for ready in work.glob("*/*/*/ready"))


def _take_away(strangers: Iterable[Path]) -> None:
    for stranger in strangers:
        if stranger.is_symlink() or not stranger.is_dir():
            with suppress(OSError):
                stranger.unlink()
        elif not folders.is_needed(stranger):
            shutil.rmtree(stranger, ignore_errors=True)
