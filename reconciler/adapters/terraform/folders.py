"""Folders that Terraform runs in: one initialised per kind of stack, and a private copy of the code for each run."""

import fcntl
import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reconciler.errors import Interrupted, SettingsMissing, TimedOut
from reconciler.ports import Cancel

UNUSED = 86400
"""Seconds after which an initialised folder of other code is taken away."""
PATIENCE = 1800.0
"""Seconds that Terraform may take to be initialised, by somebody else."""
LOOK = 0.1
"""Seconds between tries for a file lock."""

VARIABLES = "run.tfvars.json"
LOST = "errored.tfstate"
"""Terraform's name for a state that it could not write to its backend."""

_LEFT_OUT = (".terraform", "*.tfstate", "*.tfstate.*", "tests")
_STATES = (f"**/{LOST}", "founding/*/*/code/*.tfstate")
_STATE_OF_ITS_OWN = frozenset({"terraform.tfstate", "terraform.tfstate.backup", LOST, VARIABLES})


@dataclass(frozen=True, slots=True)
class Initialised:
    """A copy of a stack's code, and Terraform's data folder for it."""

    folder: Path

    @property
    def code(self) -> Path:
        """The stack's files, with Terraform's own lock file beside them."""
        return self.folder / "code"

    @property
    def data(self) -> Path:
        """What TF_DATA_DIR points to."""
        return self.folder / "data"

    @property
    def ready(self) -> Path:
        """Stands there once everything is in place; its time is the last use."""
        return self.folder / "ready"

    @property
    def cli_configuration(self) -> Path:
        """What TF_CLI_CONFIG_FILE points to, if it stands there."""
        return self.folder / "terraform.rc"


def fingerprint(code: Path, *settings: Mapping[str, str]) -> str:
    """12 hex digits over a stack's files and all that its initialisation depends on. Raises SettingsMissing."""
    if not code.is_dir():
        raise SettingsMissing(f"there is no Terraform stack {code}", "run this in the project's root folder")
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode())
    for path in _files(code):
        digest.update(f"\0{path.relative_to(code).as_posix()}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def _files(code: Path) -> Iterable[Path]:
    return sorted(path for path in code.rglob("*") if path.is_file() and not _is_left_out(path.relative_to(code)))


def _is_left_out(path: Path) -> bool:
    return any(Path(part).match(pattern) for part in path.parts for pattern in _LEFT_OUT)


def start_afresh(made: Initialised, code: Path) -> None:
    """Copy the code into an empty folder, and take away folders that nobody used for a day."""
    _take_away_unused(made.folder.parent)
    shutil.rmtree(made.folder, ignore_errors=True)
    shutil.copytree(code, made.code, ignore=shutil.ignore_patterns(*_LEFT_OUT))
    made.data.mkdir()


def renew_code(made: Initialised, code: Path) -> None:
    """Copy the code into a folder that keeps nothing else but a state and its variables: the rest would be executed."""
    if not code.is_dir():
        raise SettingsMissing(f"there is no Terraform stack {code}", "run this in the project's root folder")
    if made.folder.is_symlink():
        made.folder.unlink()
    for entry in (*_inside(made.folder), *_inside(made.code)):
        if entry.is_symlink() or (entry != made.code and entry.name not in _STATE_OF_ITS_OWN):
            _remove(entry)
    made.data.mkdir(parents=True)
    shutil.copytree(code, made.code, ignore=shutil.ignore_patterns(*_LEFT_OUT), dirs_exist_ok=True)
    made.folder.chmod(0o700)


def _inside(folder: Path) -> tuple[Path, ...]:
    return tuple(folder.iterdir()) if folder.is_dir() else ()


def _remove(entry: Path) -> None:
    if entry.is_dir() and not entry.is_symlink():
        shutil.rmtree(entry)
    else:
        entry.unlink(missing_ok=True)


def read_variables(folder: Path) -> Mapping[str, Any]:
    """A run's variables; empty when there was none."""
    path = folder / VARIABLES
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}


def write_variables(folder: Path, variables: Mapping[str, object]) -> Path:
    """The file with a run's variables, for nobody else to read."""
    path = folder / VARIABLES
    path.unlink(missing_ok=True)
    return write_private(path, json.dumps(variables))


def _take_away_unused(parent: Path) -> None:
    for ready in parent.glob("*/ready"):
        if _is_unused(ready) and not any(ready.parent.glob(f"run-*/{LOST}")):
            shutil.rmtree(ready.parent, ignore_errors=True)


def _take_away_abandoned(folder: Path) -> None:
    """What is left of runs during which we were killed, save a state that nobody put into the bucket yet."""
    for run in folder.glob("run-*"):
        if _is_unused(run) and not (run / LOST).exists():
            shutil.rmtree(run, ignore_errors=True)


def is_needed(folder: Path) -> bool:
    """Whether a run may be going on in it, or it holds a state that is nowhere else."""
    running = (run for run in folder.rglob("run-*") if not _is_unused(run))
    return any(running) or any(found for pattern in _STATES for found in folder.glob(pattern))


def _is_unused(path: Path) -> bool:
    return time.time() - path.stat().st_mtime > UNUSED


@contextmanager
def run_folder(made: Initialised, variables: Mapping[str, object]) -> Iterator[tuple[Path, Path]]:
    """A private copy of the code for one run, and the file with its variables; gone afterwards.

    Private, because Terraform saves a state that it cannot write to the bucket into the folder it runs in.
    """
    made.ready.touch()
    _take_away_abandoned(made.folder)
    folder = Path(tempfile.mkdtemp(prefix="run-", dir=made.folder))
    try:
        shutil.copytree(made.code, folder, dirs_exist_ok=True)
        folder.chmod(0o700)
        yield folder, write_variables(folder, variables)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def write_private(path: Path, text: str) -> Path:
    """A new file, for nobody else to read."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    return path


def keep_lost_state(folder: Path, target: Path) -> Path | None:
    """Move the state that Terraform could not write to the bucket out of a run's folder, if there is one."""
    lost = folder / LOST
    if not lost.exists():
        return None
    lost.chmod(0o600)
    return Path(shutil.move(lost, target))


@contextmanager
def locked(path: Path, cancel: Cancel) -> Iterator[None]:
    """Hold a file lock, against other threads and other processes. Raises Interrupted, SettingsMissing, TimedOut."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(_opened(path), "r+") as file:
        deadline = time.monotonic() + PATIENCE
        while not _try_lock(file.fileno()):
            if time.monotonic() > deadline:
                what = f"somebody else on this machine has initialised Terraform for {PATIENCE / 60:.0f} minutes"
                raise TimedOut(what, f"see what holds {path}")
            if cancel.wait(LOOK):
                raise Interrupted("stopped before Terraform was initialised", "run again")
        yield


def _opened(path: Path) -> int:
    """No link is followed: one that lies there may lead to any file of the user's."""
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise SettingsMissing(f"{path} cannot be locked: {error.strerror}", f"see whose it is: ls -l {path}") from error


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
