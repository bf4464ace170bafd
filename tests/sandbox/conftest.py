"""What the tests of the sandbox share: folders to run, a home, and a running sandbox."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from reconciler.sandbox import Sandbox, down, up
from reconciler.sandbox.child_environ import MARK, ROLE

Files = Mapping[str, str]


@pytest.fixture
def folder(tmp_path: Path) -> Callable[[Files], Path]:
    """Writes files into a fresh folder."""

    def write(files: Files, name: str = "folder") -> Path:
        root = tmp_path / name
        for relative, text in files.items():
            path = root / relative
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        root.mkdir(exist_ok=True)
        return root

    return write


@pytest.fixture
def said() -> list[str]:
    """Collects what is said: pass `said.append`."""
    return []


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A home for a sandbox; whatever runs in it is ended, whatever the test does. Its path holds a space."""
    home = tmp_path / "sandbox home"
    yield home
    down(home, lambda line: None, wipe=True)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A running sandbox that the tests of a module share, started by somebody who has AWS credentials of their own."""
    home = tmp_path_factory.mktemp("shared") / "sandbox"
    with pytest.MonkeyPatch.context() as shell:
        shell.setenv("AWS_PROFILE", "does-not-exist")
        shell.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
        started = up(home, lambda line: None)
    yield started
    down(home, lambda line: None, wipe=True)


@pytest.fixture
def spawn() -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Starts Python processes that carry a sandbox's mark; they are ended with the test."""
    started: list[subprocess.Popen[bytes]] = []

    def start(mark: str, role: str = "job", code: str = "import time; time.sleep(60)") -> subprocess.Popen[bytes]:
        environ = {"PATH": os.environ["PATH"], MARK: mark, ROLE: role}
        process = subprocess.Popen((sys.executable, "-c", code), env=environ, stdout=subprocess.PIPE)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()
