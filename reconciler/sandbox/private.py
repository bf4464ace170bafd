"""Whether a file or folder is the user's own, and nobody else's to read or to change."""

import os
import pwd
import shlex
import stat
from pathlib import Path

from reconciler.sandbox.errors import SandboxError

OTHERS = 0o077


def why_not_private(path: Path, elsewhere: str) -> SandboxError | None:
    """What is wrong with it and what to type; None when all is well. Raises OSError when it is not there.

    `elsewhere` says what to type where it belongs to somebody else.
    """
    found, name = path.lstat(), shlex.quote(str(path))
    if stat.S_ISLNK(found.st_mode):
        return SandboxError(f"{path} is a symbolic link: what it leads to may be anybody's", f"remove it: rm {name}")
    if found.st_uid != os.geteuid():
        return SandboxError(f"{path} belongs to {_user(found.st_uid)}, not to you", elsewhere)
    if found.st_mode & OTHERS:
        mode = "700" if stat.S_ISDIR(found.st_mode) else "600"
        return SandboxError(
            f"{path} may be read or changed by others (mode {stat.S_IMODE(found.st_mode):o})",
            f"if all that it holds is yours: chmod {mode} {name}",
        )
    return None


def _user(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"user {number}"
