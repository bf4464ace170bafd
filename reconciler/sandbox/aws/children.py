"""Child processes: each in a session of its own, so that what it starts in turn ends with it."""

import os
import signal
import subprocess
import threading
from collections.abc import Mapping
from typing import IO

from reconciler.sandbox.aws.runtime import Command, Say

LONGEST_LINE = 65_536  # characters; CloudWatch takes 256 KiB an event
LAST_OUTPUT = 5.0  # seconds for a dead process's output to be read


class Child:
    """A process whose output goes line by line to `say`.

    Raises OSError when it cannot be started.
    """

    def __init__(self, command: Command, more_env: Mapping[str, str], say: Say) -> None:
        self.ended = threading.Event()
        self.last_line = ""
        self._say = say
        self._process = subprocess.Popen(
            command.argv,
            cwd=command.cwd,
            env={**command.env, **more_env},
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        )
        threading.Thread(target=self._watch, name=f"child-{self._process.pid}", daemon=True).start()

    @property
    def exit_code(self) -> int | None:
        """As a shell and Docker tell it: 128 + the signal's number for a killed process; None while it runs."""
        code = self._process.returncode
        return code if code is None or code >= 0 else 128 - code

    def stop(self, grace: float) -> None:
        """End the whole process group: ask, wait for `grace` seconds, kill. Returns when it is gone."""
        if self.ended.is_set():
            return
        self._signal(signal.SIGTERM)
        if not self.ended.wait(grace):
            self.kill()

    def kill(self) -> None:
        """End the whole process group without asking; returns when it is gone."""
        self._signal(signal.SIGKILL)
        self.ended.wait()

    def _watch(self) -> None:
        output = self._process.stdout
        pump = threading.Thread(target=self._pump, args=(output,), daemon=True)
        pump.start()
        self._process.wait()
        self._signal(signal.SIGKILL)  # what it left behind, as when a container's first process ends
        pump.join(LAST_OUTPUT)
        self.ended.set()

    def _pump(self, output: IO[str]) -> None:
        for line in iter(lambda: output.readline(LONGEST_LINE), ""):
            text = line.rstrip()
            self.last_line = text or self.last_line
            self._say(text)

    def _signal(self, number: signal.Signals) -> None:
        try:
            os.killpg(self._process.pid, number)
        except (ProcessLookupError, PermissionError):  # macOS answers EPERM for a group of zombies
            return
