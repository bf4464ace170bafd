"""Child processes whose output is passed on line by line, and that end when somebody asks to stop."""

import os
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue

from reconciler.errors import Interrupted, SettingsMissing, TimedOut
from reconciler.ports import Cancel, Say

POLL_SECONDS = 0.1
"""How late a request to stop is noticed."""
GRACE_SECONDS = 10.0
"""Between the polite signal and the final one."""
LINGER_SECONDS = 2.0
"""How long the output of a program that has ended may stay open: a child of its own may hold it."""
TAIL_LINES = 15
"""Lines of output kept to explain a failure."""


@dataclass(frozen=True, slots=True)
class Command:
    """A program to run."""

    argv: tuple[str, ...]
    env: Mapping[str, str | None] = field(default_factory=dict)
    """What differs from our own environment; None takes a variable away."""
    cwd: Path | None = None
    stdin: str = ""
    """Text that the program reads, shorter than a pipe holds (16 KiB). Secrets go here: arguments are public."""


@dataclass(frozen=True, slots=True)
class Finished:
    """How a program ended."""

    code: int
    """Exit code; negative: the number of the signal that ended it."""
    tail: tuple[str, ...]
    """The last lines that it wrote."""

    @property
    def ok(self) -> bool:
        """Whether it ended well."""
        return self.code == 0

    @property
    def last(self) -> str:
        """The last line that says anything, or the exit code."""
        return next((line for line in reversed(self.tail) if line.strip()), f"exit code {self.code}")


def silent(line: str) -> None:
    """Say nothing."""


def inherit(changes: Mapping[str, str | None]) -> dict[str, str]:
    """Our own environment with `changes`: a child needs PATH, HOME and proxies as a person's shell would give them."""
    return {name: value for name, value in {**os.environ, **changes}.items() if value is not None}


def not_started(fault: OSError) -> str:
    """Why a program could not be started, to stand behind its name."""
    if isinstance(fault, FileNotFoundError):
        return "is not installed, or not on PATH"
    return f"cannot be started: {fault.strerror}"


def run(command: Command, *, timeout: float, cancel: Cancel, say: Say = silent) -> Finished:
    """Run a program to its end in a process group of its own, passing on what it writes (stdout and stderr).

    `timeout` is in seconds. When it is over, or somebody asks to stop, the group gets SIGTERM and, 10 s later,
    SIGKILL; nothing of it is left behind. Raises TimedOut, Interrupted, and SettingsMissing when there is no such
    program.
    """
    program = " ".join(command.argv[:2])
    deadline = time.monotonic() + timeout
    tail: deque[str] = deque(maxlen=TAIL_LINES)
    with _started(command) as process:
        for line in _output(process):
            if cancel.is_set():
                raise Interrupted(f"{program} was stopped")
            if time.monotonic() > deadline:
                raise TimedOut(f"{program} did not end within {timeout:g} s", "try again")
            if line is not None:
                tail.append(line)
                say(line)
        return Finished(process.returncode, tuple(tail))


def persist(command: Command, *, timeout: float, cancel: Cancel, say: Say, pauses: tuple[float, ...]) -> Finished:
    """`run` until the program ends well, waiting `pauses` seconds in between; after them its last end counts."""
    for pause in pauses:
        finished = run(command, timeout=timeout, cancel=cancel, say=say)
        if finished.ok:
            return finished
        say(f"{finished.last}; trying again in {pause:g} s")
        if cancel.wait(pause):
            raise Interrupted(f"{command.argv[0]} was stopped")
    return run(command, timeout=timeout, cancel=cancel, say=say)


@contextmanager
def _started(command: Command) -> Iterator[subprocess.Popen[str]]:
    """The running program; whatever of its group still lives at the end is stopped."""
    process = _start(command)
    try:
        _feed(process, command.stdin)
        yield process
    finally:
        _stop(process)


def _start(command: Command) -> subprocess.Popen[str]:
    try:
        return subprocess.Popen(
            command.argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            cwd=command.cwd,
            env=inherit(command.env),
            start_new_session=True,  # a group of its own, and no terminal to ask for a password on
        )
    except OSError as fault:
        raise SettingsMissing(f"{command.argv[0]} {not_started(fault)}", f"install {command.argv[0]}") from fault


def _output(process: subprocess.Popen[str]) -> Iterator[str | None]:
    """Each line as it comes, and None whenever nothing came for a moment; ends with the program."""
    lines: SimpleQueue[str | None] = SimpleQueue()
    threading.Thread(target=_pump, args=(process, lines), daemon=True).start()
    quiet = 0.0
    while quiet < LINGER_SECONDS:
        try:
            line = lines.get(timeout=POLL_SECONDS)
        except Empty:
            quiet += POLL_SECONDS if process.poll() is not None else 0
            yield None
            continue
        if line is None:
            break
        yield line
    while process.poll() is None:
        yield None
        time.sleep(POLL_SECONDS)


def _pump(process: subprocess.Popen[str], lines: SimpleQueue[str | None]) -> None:
    """Read the output in a thread of its own, for a read cannot be interrupted."""
    for line in process.stdout or ():
        lines.put(line.rstrip())
    lines.put(None)


def _feed(process: subprocess.Popen[str], text: str) -> None:
    if process.stdin:
        with suppress(BrokenPipeError), process.stdin:  # it may end without reading: its exit code tells
            process.stdin.write(text)


def _stop(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        _signal(process, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(GRACE_SECONDS)
    _signal(process, signal.SIGKILL)
    process.wait()


def _signal(process: subprocess.Popen[str], number: signal.Signals) -> None:
    """Signal the group; on macOS one that holds only zombies answers PermissionError."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)
