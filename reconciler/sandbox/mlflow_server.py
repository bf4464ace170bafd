"""A real MLflow tracking server on SQLite, with its artifacts on disk."""

import shlex
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path

from reconciler.sandbox.child_environ import SAFE_PATH, for_child
from reconciler.sandbox.errors import SandboxError
from reconciler.sandbox.keys import Keys
from reconciler.sandbox.network import LOOPBACK, answers, url

HEALTH = "/health"
APP = "lean-mlops-sandbox"
"""The entry point of `mlflow.app` in pyproject.toml that leads to mlflow_app.py."""

STARTUP = 110.0
"""Seconds for the server to answer: the first start creates the database."""

POLL = 0.2


class MlflowServer:
    """The server as a child process, in a session of its own; its output goes where the supervisor's goes."""

    def __init__(self, home: Path, port: int, keys: Keys, environ: Mapping[str, str]) -> None:
        self.url = url(port)
        data = home / "mlflow"
        data.mkdir(parents=True, exist_ok=True)
        self._process = subprocess.Popen(
            _argv(data, port),
            cwd=data,
            env={
                **for_child(environ, "mlflow", home / "user", (Path(sys.executable).parent,)),
                # What mlflow_app.py asks for; the process's environment is its owner's to read.
                **keys.for_mlflow(),
                **SAFE_PATH,
                # Eight idle worker processes and 1.3 GB, for features that the sandbox does not use.
                "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
            },
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._process.poll()

    def wait_until_healthy(self, stop: threading.Event) -> None:
        """Return when it answers, or when `stop` is set. Raises SandboxError when it ends or does not answer."""
        deadline = time.monotonic() + STARTUP
        while not answers(self.url, HEALTH):
            if self.exit_code is not None:
                raise SandboxError(f"the MLflow server ended with exit code {self.exit_code} while starting")
            if time.monotonic() > deadline:
                raise SandboxError(f"the MLflow server did not answer at {self.url} within {STARTUP:.0f} seconds")
            if stop.wait(POLL):
                return

    def stop(self, grace: float) -> None:
        """Ask it to end, wait for `grace` seconds, kill it."""
        self._process.terminate()
        try:
            self._process.wait(grace)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _argv(data: Path, port: int) -> tuple[str, ...]:
    return (
        *(sys.executable, "-m", "mlflow", "server"),
        *("--app-name", APP),
        *("--backend-store-uri", f"sqlite:///{data / 'mlflow.db'}"),
        *("--artifacts-destination", str(data / "artifacts")),
        *("--host", LOOPBACK, "--port", str(port), "--workers", "1"),
        # Uvicorn looks for modules in its working folder first, unless it is told of another.
        *("--uvicorn-opts", f"--log-level warning --app-dir {shlex.quote(str(Path(sys.executable).parent))}"),
    )
