"""Whether a folder may be a sandbox's home: what it holds is believed, unpickled and executed.

So it has to be the user's own, closed to everybody else, and nothing that came with a repository.
"""

import os
import shlex
import stat
import subprocess
from pathlib import Path

from reconciler.sandbox.errors import SandboxError
from reconciler.sandbox.private import why_not_private

ELSEWHERE = "choose another folder: RECONCILE_SANDBOX_HOME=FOLDER"
GIT_SECONDS = 20.0
NO_REPOSITORY = "not a git repository"
LISTED = 3
"""Tracked files that are named."""


def prepare(home: Path) -> None:
    """Make the folder if it is not there, and check it. Raises SandboxError."""
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise SandboxError(f"{home} cannot be made: {error.strerror}", ELSEWHERE) from error
    check(home)


def check(home: Path) -> None:
    """Refuse a home that somebody else could have written, in whole or in part. Raises SandboxError."""
    if not home.exists():
        return
    if not home.is_dir():
        raise SandboxError(f"{home} is not a folder", ELSEWHERE)
    if why := why_not_private(home, ELSEWHERE):
        raise why
    for entry in sorted(home.iterdir()):
        if why := _why_not(entry):
            raise why
    if tracked := _tracked(home):
        names = ", ".join(tracked[:LISTED]) + (" …" if len(tracked) > LISTED else "")
        what = f"git tracks what the sandbox would believe in {home}: {names}"
        remedy = "whoever committed it could have this machine execute anything; if you trust it all the same: "
        raise SandboxError(what, f"{remedy}git rm -r --cached {shlex.quote(str(home))}, or {ELSEWHERE}")


def is_ours(home: Path, name: str) -> bool:
    """Whether the file `name` in a home may be believed, as far as a look at both tells."""
    try:
        return not (why_not_private(home, ELSEWHERE) or why_not_private(home / name, ELSEWHERE))
    except OSError:
        return False


def _why_not(entry: Path) -> SandboxError | None:
    """Folders and logs are behind the home's own door; what is read as data is looked at more closely."""
    why = why_not_private(entry, ELSEWHERE)
    mode = entry.lstat().st_mode
    closely = stat.S_ISLNK(mode) or entry.lstat().st_uid != os.geteuid() or entry.suffix in {".json", ".pickle"}
    return why if closely else None


def _tracked(home: Path) -> tuple[str, ...]:
    """Files in `home` that git knows. Raises SandboxError when git does not say."""
    # Nothing that the repository configures is run by this, and nothing of the caller's leads to another repository.
    words = ("git", "--no-pager", "-c", "core.fsmonitor=false", "ls-files", "-z", "--cached", "--", ".")
    leads = tuple(name for name in os.environ if name.startswith("GIT_") and not name.startswith("GIT_CONFIG"))
    environ = {name: value for name, value in os.environ.items() if name not in leads}
    try:
        asked = subprocess.run(
            words, cwd=home, env={**environ, "LC_ALL": "C"}, capture_output=True, timeout=GIT_SECONDS, check=False
        )
    except FileNotFoundError:
        return ()  # without git nothing was cloned
    except subprocess.TimeoutExpired as error:
        raise SandboxError(f"git does not say whether it tracks {home}", "run again") from error
    if asked.returncode == 0:
        return tuple(filter(None, asked.stdout.decode(errors="replace").split("\0")))
    said = asked.stderr.decode(errors="replace").strip()
    if NO_REPOSITORY in said:
        return ()
    raise SandboxError(f"git does not say whether it tracks {home}: {said.splitlines()[0] if said else ''}", ELSEWHERE)
