"""A fresh machine for each job: its folders, its environment, and how it runs a script."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from support.workflows.values import Wrong

ASIDE = ("PATH", "TF_CLI_CONFIG_FILE", "SSL_CERT_FILE")
"""What the machine that runs the tests has installed, and nothing else of its shell."""
_SHELLS: Mapping[str, tuple[str, ...]] = {
    "": ("bash", "-e"),
    "bash": ("bash", "--noprofile", "--norc", "-eo", "pipefail"),
    "sh": ("sh", "-e"),
    "python": (sys.executable,),
}
_FILES = ("GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_PATH", "GITHUB_STEP_SUMMARY", "GITHUB_STATE")


@dataclass(frozen=True)
class Ended:
    """How a script ended."""

    code: int
    output: str


@dataclass
class Machine:
    """One job's."""

    root: Path
    name: str
    """Of the repository, which names the workspace's folder."""
    installed: Path
    """Where code is kept that jobs install."""
    given: Mapping[str, str] = field(default_factory=dict)
    """Variables that the tests set on every machine."""

    def __post_init__(self) -> None:
        for folder in (self.workspace, self.temp, self.home, self.root / "files"):
            folder.mkdir(parents=True)
        self._steps = 0

    @property
    def workspace(self) -> Path:
        """Where the repository is checked out."""
        return self.root / "work" / self.name / self.name

    @property
    def temp(self) -> Path:
        """RUNNER_TEMP"""
        return self.root / "work" / "_temp"

    @property
    def home(self) -> Path:
        """A home without anybody's settings."""
        return self.root / "home"

    def variables(self) -> dict[str, str]:
        """The environment of the machine itself."""
        aside = {name: os.environ[name] for name in ASIDE if name in os.environ}
        runner = {"RUNNER_OS": "Linux", "RUNNER_ARCH": "X64", "RUNNER_ENVIRONMENT": "github-hosted"}
        folders = {"HOME": str(self.home), "RUNNER_TEMP": str(self.temp), "RUNNER_TOOL_CACHE": str(self.root / "tools")}
        return {**aside, **runner, **folders, "LANG": "C.UTF-8", "SHELL": "/bin/bash", **self.given}

    @contextmanager
    def with_variables(self, env: Mapping[str, str]) -> Iterator[None]:
        """The variables of one step, which an action of others hands on to what it starts."""
        before, self.given = self.given, {**self.given, **env}
        try:
            yield
        finally:
            self.given = before

    def command_files(self) -> dict[str, str]:
        """Fresh files for what a step says of itself, as variables."""
        self._steps += 1
        folder = self.root / "files" / str(self._steps)
        folder.mkdir()
        for name in _FILES:
            (folder / name).touch()
        return {name: str(folder / name) for name in _FILES}

    def run(self, script: str, shell: str, folder: Path, env: Mapping[str, str], minutes: float) -> Ended:
        """Run a script to its end. Raises Wrong for a shell or a folder that is not there."""
        if shell not in _SHELLS:
            raise Wrong(f"the shell {shell!r} is not played here")
        if not folder.is_dir():
            raise Wrong(f"the working directory {folder} is not there")
        path = self.temp / f"{self._steps}.sh"
        path.write_text(f"{script.rstrip()}\n")
        return execute((*_SHELLS[shell], str(path)), folder, env, minutes)


def execute(argv: tuple[str, ...], folder: Path, env: Mapping[str, str], minutes: float = 5) -> Ended:
    """Run a program, with everything that it starts, to its end or to the end of its time."""
    process = subprocess.Popen(
        argv,
        cwd=folder,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    try:
        output, _ = process.communicate(timeout=minutes * 60)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        output, _ = process.communicate()
        return Ended(124, f"{output}\n::error::it did not end within {minutes:g} minutes\n")
    return Ended(process.returncode, output)


def told(path: str) -> dict[str, str]:
    """What a step wrote into one of its files: `name=value`, or several lines between words. Raises Wrong."""
    found: dict[str, str] = {}
    lines = iter(Path(path).read_text().splitlines())
    for line in lines:
        equals, heredoc = line.find("="), line.find("<<")
        if heredoc > 0 and not 0 <= equals < heredoc:
            name, word = line.split("<<", 1)
            found[name] = _until(word, lines)
        elif equals > 0:
            name, value = line.split("=", 1)
            found[name] = value
        elif line:
            raise Wrong(f"a step's output file holds a line of another form: {line!r}")
    return found


def _until(word: str, lines: Iterator[str]) -> str:
    held: list[str] = []
    for line in lines:
        if line == word:
            return "\n".join(held)
        held.append(line)
    raise Wrong(f"a step's output file holds no line {word!r}")
