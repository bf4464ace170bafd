"""Starts, stops, finds and describes the sandbox: what the command line uses. Imports nothing heavy."""

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from reconciler.sandbox import processes
from reconciler.sandbox.child_environ import for_supervisor
from reconciler.sandbox.errors import SandboxError
from reconciler.sandbox.home import check, prepare
from reconciler.sandbox.locks import exclusive
from reconciler.sandbox.network import answers, listens
from reconciler.sandbox.processes import Running
from reconciler.sandbox.record import Sandbox, free_ports, has_record, is_home, published, withdraw

Say = Callable[[str], None]

STARTUP = 240.0
"""Seconds for the servers to answer."""

SHUTDOWN = 45.0
"""Seconds for an orderly stop, before the supervisor is killed."""

BUSY = STARTUP + SHUTDOWN
"""Seconds to wait for another command that works on the same sandbox."""

NOTICE = "The sandbox starts empty"
"""What of the log is told to whoever starts it begins so."""

POLL = 0.1
LOG_TAIL = 8
"""Lines of the log that are shown when the sandbox does not start."""

LOG_LIMIT = 10 * 2**20
"""Bytes after which a start begins a new log; the one before is kept."""

OF_THE_EXTRA = ("flask", "mlflow", "moto", "packaging", "psutil", "uv", "uvicorn")


def up(home: Path, say: Say) -> Sandbox:
    """Start the sandbox in `home`, detached, and wait until it answers; one that runs already is returned as it is.

    Raises SandboxError.
    """
    _require_extra()
    home = home.resolve()
    prepare(home)
    with _alone(home, say):
        running = find(home)
        if running and _answers(running):
            say(f"the sandbox is up already: AWS at {running.aws_endpoint}, MLflow at {running.mlflow_url}")
            return running
        if running:
            say("the sandbox runs but does not answer; starting it again")
        _end(home, say)
        return _start(home, say)


def down(home: Path, say: Say, *, wipe: bool = False) -> bool:
    """Stop the sandbox in `home` and whatever an earlier one left behind; True if anything was running.

    With `wipe` all that it holds is deleted. Raises SandboxError, among others when `home` is not a sandbox's.
    """
    _require_extra()
    home = home.resolve()
    check(home)
    if not is_home(home):
        if wipe and home.is_dir() and any(home.iterdir()):
            raise SandboxError(f"{home} is not a sandbox's folder; nothing was deleted", "check the folder's name")
        return _end(home, say)
    with _alone(home, say):
        ended = _end(home, say)
        if wipe:
            shutil.rmtree(home)
            say(f"deleted {home}")
    return ended


def find(home: Path) -> Sandbox | None:
    """The sandbox that runs in `home`; None when there is none."""
    sandbox = published(home.resolve())
    if sandbox is None or importlib.util.find_spec("psutil") is None:
        return None
    alive = processes.is_marked(sandbox.pid, sandbox.id) and listens(sandbox.aws_endpoint)
    return sandbox if alive else None


def why_none(home: Path) -> SandboxError:
    """Why `find` finds none in `home`, and what to type."""
    home = home.resolve()
    try:
        _require_extra()
        check(home)
    except SandboxError as error:
        return error
    if not any(one.role == "supervisor" for one in processes.running(processes.mark_of(home))):
        return SandboxError("no sandbox is running", "start it: make sandbox-up")
    if has_record(home):
        what = f"the sandbox that runs in {home} is of another version, or does not answer"
        return SandboxError(what, "start it again: make sandbox-up")
    return SandboxError(f"the sandbox in {home} is just being started, or ends", "try again in a minute")


def status(home: Path) -> tuple[Running, ...]:
    """What runs in the sandbox of `home`: supervisor, MLflow, jobs, model servers, environments being made."""
    _require_extra()
    check(home.resolve())
    found = processes.running(processes.mark_of(home))
    roles = {one.role for one in found}
    gone = Running("mlflow", "", None, 0, "stopped; `reconcile sandbox up` starts it again")
    return (*found, gone) if "supervisor" in roles and "mlflow" not in roles else found


def _start(home: Path, say: Say) -> Sandbox:
    free_ports(home)
    say(f"what it holds is kept in {home}")
    log = _log(home)
    began_at = log.stat().st_size
    with log.open("ab") as output, _ended_unless_ready(home):
        supervisor = subprocess.Popen(
            (sys.executable, "-m", "reconciler.sandbox", str(home)),
            cwd=Path(__file__).parents[2],
            env=for_supervisor(os.environ, processes.mark_of(home)),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        sandbox = _wait(home, supervisor, log, began_at)
    for notice in _notices(log, began_at):
        say(notice)
    say(f"the sandbox is up: AWS at {sandbox.aws_endpoint}, MLflow at {sandbox.mlflow_url}")
    return sandbox


def _wait(home: Path, supervisor: subprocess.Popen[bytes], log: Path, began_at: int) -> Sandbox:
    deadline = time.monotonic() + STARTUP
    while time.monotonic() < deadline:
        if sandbox := find(home):
            return sandbox
        if supervisor.poll() is not None:
            raise _not_started(f"it ended with exit code {supervisor.returncode}", log, began_at)
        time.sleep(POLL)
    raise _not_started(f"it did not answer within {STARTUP:.0f} seconds", log, began_at)


def _notices(log: Path, began_at: int) -> Iterator[str]:
    """What of the log a person has to know."""
    for line in _lines(log, began_at):
        _, found, notice = line.partition(NOTICE)
        if found:
            yield f"{found.strip()[0].lower()}{found.strip()[1:]}{notice}"


def _lines(log: Path, began_at: int) -> list[str]:
    with log.open("rb") as file:
        file.seek(began_at)
        return file.read().decode(errors="replace").splitlines()


def _not_started(why: str, log: Path, began_at: int) -> SandboxError:
    tail = _lines(log, began_at)[-LOG_TAIL:]
    return SandboxError("\n  ".join((f"the sandbox did not start: {why}", *tail)), f"the whole log is in {log}")


@contextmanager
def _ended_unless_ready(home: Path) -> Iterator[None]:
    """A start that fails, or that somebody interrupts, leaves nothing running."""
    ready = False
    try:
        yield
        ready = True
    finally:
        if not ready:
            processes.reap(processes.mark_of(home))
            withdraw(home)


def _end(home: Path, say: Say) -> bool:
    """Stop the supervisor in order, then whatever is left; True if anything was running."""
    mark = processes.mark_of(home)
    supervisors = [one.pid for one in processes.running(mark) if one.role == "supervisor" and one.pid]
    for pid in supervisors:
        say(f"stopping the sandbox in {home}")
        _stop(pid, mark)
    orphans = processes.reap(mark)
    if orphans:
        say(f"ended {orphans} processes that an earlier sandbox left behind")
    withdraw(home)
    return bool(supervisors) or orphans > 0


def _stop(pid: int, mark: str) -> None:
    """Ask a supervisor to end, and wait; one that does not is reaped by the caller."""
    try:
        os.kill(pid, signal.SIGTERM)
    except ProcessLookupError:
        return
    deadline = time.monotonic() + SHUTDOWN
    while processes.is_marked(pid, mark) and time.monotonic() < deadline:
        time.sleep(POLL)


def _answers(sandbox: Sandbox) -> bool:
    return listens(sandbox.aws_endpoint) and answers(sandbox.mlflow_url, "/health", timeout=10)


def _log(home: Path) -> Path:
    log = home / "sandbox.log"
    log.touch(mode=0o600)
    if log.stat().st_size > LOG_LIMIT:
        log.replace(log.with_suffix(".log.1"))
        log.touch(mode=0o600)
    return log


@contextmanager
def _alone(home: Path, say: Say) -> Iterator[None]:
    try:
        with exclusive(home / "control.lock", BUSY, lambda: say("waiting for another command on this sandbox")):
            yield
    except TimeoutError as error:
        raise SandboxError(f"another command has worked on {home} for too long", "end it, then try again") from error


def _require_extra() -> None:
    missing = [name for name in OF_THE_EXTRA if importlib.util.find_spec(name) is None]
    if missing:
        raise SandboxError(
            f"the sandbox needs packages that are not installed: {', '.join(missing)}",
            "pip install 'lean-mlops-control-centre[sandbox]', or `make setup` in a checkout",
        )
