"""Starts the real command line in real processes, quickly: each is forked from one that has imported everything.

Run as a program it is that process. It reads one request a line, `{"argv": …, "env": …, "cwd": …, "out": …}`, answers
with the child's process id, lets it go on when told `go`, and says how it ended.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True, repr=False)
class Ran:
    """How a reconciler ended."""

    code: int
    """Negative: the number of the signal that ended it."""
    out: str

    def __repr__(self) -> str:
        return f"exit {self.code}\n{self.out}"


class Starter:
    """One such process. It runs one reconciler at a time."""

    def __init__(self, out: Path) -> None:
        self._out = out
        self._process = subprocess.Popen(
            (sys.executable, "-m", "support.chaos.starter"),
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.pid = 0

    def begin(self, argv: tuple[str, ...], env: dict[str, str], cwd: Path) -> int:
        """Fork; the process waits for `go`. Returns its id."""
        self._tell(json.dumps({"argv": argv, "env": env, "cwd": str(cwd), "out": str(self._out)}))
        self.pid = int(self._hear())
        return self.pid

    def go(self) -> None:
        """Let it run."""
        self._tell("go")

    def end(self) -> Ran:
        """Wait for its end."""
        code = os.waitstatus_to_exitcode(int(self._hear()))
        return Ran(code, self._out.read_text(errors="replace"))

    def close(self) -> None:
        """End the process that forks."""
        self._process.kill()
        self._process.communicate()

    def _tell(self, line: str) -> None:
        assert self._process.stdin
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()

    def _hear(self) -> str:
        assert self._process.stdout
        line = self._process.stdout.readline()
        assert line, "the starter is gone"
        return line


def serve() -> None:
    """Be the process that forks."""
    import boto3  # noqa: F401
    import botocore.auth  # noqa: F401
    import requests  # noqa: F401

    import reconciler.cli
    import reconciler.commands.loop
    import reconciler.render.text
    import reconciler.wiring  # noqa: F401

    for line in iter(sys.stdin.readline, ""):
        request = json.loads(line)
        read, write = os.pipe()
        if (pid := os.fork()) == 0:
            os.read(read, 1)
            os._exit(_run(request))
        _answer(pid)
        sys.stdin.readline()
        os.write(write, b"!")
        os.close(read)
        os.close(write)
        _answer(os.waitpid(pid, 0)[1])


def _answer(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


def _run(request: dict[str, object]) -> int:
    from reconciler.__main__ import main

    out = os.open(str(request["out"]), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(out, 1)
    os.dup2(out, 2)
    os.environ.clear()
    os.environ.update(request["env"])  # type: ignore[call-overload]
    os.chdir(str(request["cwd"]))
    sys.argv = ["reconcile", *request["argv"]]  # type: ignore[misc]
    code = 1
    try:
        main()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return code


if __name__ == "__main__":
    serve()
