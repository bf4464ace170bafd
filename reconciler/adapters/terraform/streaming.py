"""One child process: its output as it comes, a time limit, and an orderly stop.

Output goes through files and not through pipes: should *we* be killed, the child does not die of a broken pipe but
ends in order, writes its state and gives its lock back.
"""

import os
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import IO

from reconciler.ports import Cancel

LOOK = 0.2
"""Seconds between looks at the output, and at what may stop a process."""
TAIL = 4096
"""Bytes of standard error that are kept."""
ASKED = "asked to stop"

Tell = Callable[[str], None]
"""Takes one line of output."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Time limits of one run, in seconds."""

    run: float = 3 * 3600
    """An endpoint is deleted and made again in two hours at most: the provider gives each step one."""
    grace: float = 180
    """From being asked to stop to being killed, which leaves the state locked."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How a process ended."""

    code: int
    stderr: str
    """Its end."""
    stopped: str = ""
    """Why we stopped it; empty when it ended by itself."""


def nobody(_pid: int) -> None:
    """Wants to know of no process."""


@dataclass(frozen=True, slots=True)
class Launch:
    """What to run, where, and with exactly which environment."""

    argv: Sequence[str]
    folder: Path
    env: Mapping[str, str]
    began: Callable[[int], None] = nobody
    """Is told the process id."""


def stream(launch: Launch, tell: Tell, cancel: Cancel, limits: Limits) -> Ending:
    """Run a process to its end and hand each line of its standard output to `tell`."""
    with tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
        process = _start(launch, stdout, stderr)
        lines = _Lines(stdout)
        try:
            launch.began(process.pid)
            stopped = _follow(process, lambda: _hand_on(lines.fresh(), tell), cancel, limits)
        finally:
            # Left by an exception: nobody would look after the process any more.
            _stop(process, limits.grace)
        _hand_on(lines.rest(), tell)
        return Ending(process.returncode, _tail(stderr), stopped)


def _start(launch: Launch, stdout: IO[bytes], stderr: IO[bytes]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        launch.argv,
        cwd=launch.folder,
        env=launch.env,
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=stderr,
        # Out of reach of Ctrl-C: a signal to the group would hit the provider under Terraform's hands.
        start_new_session=True,
    )


def _follow(process: subprocess.Popen[bytes], look: Callable[[], None], cancel: Cancel, limits: Limits) -> str:
    """Wait for the end; returns why the process was stopped, if it was."""
    deadline = monotonic() + limits.run
    while not _has_ended(process, LOOK):
        look()
        if reason := _reason_to_stop(cancel, deadline, limits):
            _stop(process, limits.grace)
            return reason
    return ""


def _reason_to_stop(cancel: Cancel, deadline: float, limits: Limits) -> str:
    if cancel.is_set():
        return ASKED
    return f"it was not done after {limits.run:.0f} s" if monotonic() > deadline else ""


def _stop(process: subprocess.Popen[bytes], grace: float) -> None:
    if process.poll() is not None:
        return
    process.terminate()
    if not _has_ended(process, grace):
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _has_ended(process: subprocess.Popen[bytes], patience: float) -> bool:
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        return False
    return True


def _hand_on(lines: Iterator[str], tell: Tell) -> None:
    for line in lines:
        tell(line)


class _Lines:
    """Whole lines that were appended to a file since the last look."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._offset = 0

    def fresh(self) -> Iterator[str]:
        """Lines that are complete and were not given yet."""
        whole, newline, _ = self._unread().rpartition(b"\n")
        self._offset += len(whole) + len(newline)
        if newline:
            yield from whole.decode("utf-8", errors="replace").split("\n")

    def rest(self) -> Iterator[str]:
        """Every line that was not given yet; the last one may lack its end."""
        yield from self.fresh()
        if last := self._unread():
            yield last.decode("utf-8", errors="replace")

    def _unread(self) -> bytes:
        # pread, because the writing process shares the file's position.
        size = os.fstat(self._file.fileno()).st_size - self._offset
        return os.pread(self._file.fileno(), size, self._offset)


def _tail(stderr: IO[bytes]) -> str:
    size = os.fstat(stderr.fileno()).st_size
    return os.pread(stderr.fileno(), TAIL, max(0, size - TAIL)).decode("utf-8", errors="replace").strip()
