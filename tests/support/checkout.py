"""A git repository as a team would have it, driven through the real command line against the sandbox."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
import yaml

from reconciler.sandbox import Sandbox
from reconciler.sandbox.faults import Faults
from support.sandbox_client import client

REPOSITORY = Path(__file__).resolve().parents[2]
INHERITED = ("PATH", "HOME", "LANG", "XDG_STATE_HOME", "TF_CLI_CONFIG_FILE", "PYTHONDONTWRITEBYTECODE")
FRUGAL = {"GOGC": "off", "GOMEMLIMIT": "1200MiB"}
"""Terraform and its provider collect no garbage: a third less CPU, for memory that tests have."""
GIT = ("git", "-c", "user.name=team", "-c", "user.email=team@example.invalid", "-c", "commit.gpgsign=false")


@dataclass(frozen=True, repr=False)
class Ran:
    """How a command ended."""

    code: int
    out: str

    def __repr__(self) -> str:
        return f"exit {self.code}\n{self.out}"


@dataclass
class Checkout:
    """`reconcile` in a repository of its own, which holds one environment."""

    root: Path
    sandbox: Sandbox
    environment: str = "test"
    header: dict[str, Any] = field(default_factory=dict)
    """Lines of the manifest's header beyond those that every checkout has."""
    projects: dict[str, Any] = field(default_factory=dict)
    role: str = ""
    """Whose session commands run with; empty: the owner's."""

    def __post_init__(self) -> None:
        (self.root / "manifests").mkdir(parents=True)
        shutil.copytree(REPOSITORY / "terraform", self.root / "terraform")
        (self.root / ".gitignore").write_text(".reconcile/\n")
        self.git("init", "--quiet", "--initial-branch", "main")

    def add_project(self, name: str, files: Path) -> None:
        """Add, or replace, a project's folder and commit it."""
        target = self.root / "ml-projects" / name
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(files, target, ignore=shutil.ignore_patterns("mlruns", "__pycache__"))
        self.commit(f"{name}: {files.name}")

    def write(self, name: str, path: str, text: str) -> None:
        """Change one file of a project and commit it."""
        (self.root / "ml-projects" / name / path).write_text(text)
        self.commit(f"{name}: {path}")

    def want(self, name: str, **lines: Any) -> None:
        """Write and commit a project's lines; those of the other projects stay."""
        self.projects[name] = lines
        self.save()

    def drop(self, name: str) -> None:
        """Delete a project's lines, and commit."""
        del self.projects[name]
        self.save()

    def save(self) -> None:
        header = {"version": 1, "platform": "e2e", "environment": self.environment, "sandbox": True}
        lines = {**header, "limits": {"retire": 0}, **self.header, "projects": self.projects}
        text = yaml.safe_dump(lines, sort_keys=False)
        (self.root / "manifests" / "sandbox.yaml").write_text(text)
        self.commit("manifest")

    def commit(self, message: str) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)

    def git(self, *words: str) -> None:
        subprocess.run((*GIT, *words), cwd=self.root, check=True, timeout=60, env=self._variables())

    def run(self, *words: str, seconds: int = 400) -> Ran:
        """Run `reconcile` with the words given; the manifest is the checkout's."""
        ended = subprocess.run(
            self.command(*words),
            cwd=self.root,
            env=self._variables(),
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        return Ran(ended.returncode, ended.stdout + ended.stderr)

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Start `reconcile` and leave it running."""
        return subprocess.Popen(
            self.command(*words),
            cwd=self.root,
            env=self._variables(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "reconciler", "-m", "manifests/sandbox.yaml", *words]

    def document(self, *words: str) -> Any:
        """What a command says in JSON; on standard error it may say what takes long."""
        ran = self.run(*words, "-o", "json")
        assert "{" in ran.out, ran
        return json.JSONDecoder().raw_decode(ran.out, ran.out.index("{"))[0]

    def project(self, name: str) -> dict[str, Any]:
        """What `reconcile status` says of one project."""
        return next(one for one in self.document("status")["projects"] if one["name"] == name)

    def ask(self, name: str, request: Path) -> Any:
        """The predictions of the live model."""
        answer = self.run("invoke", name, "--data", str(request))
        assert answer.code == 0, answer
        return json.loads(next(line for line in answer.out.splitlines() if line.startswith("{")))["predictions"]

    def newest_version(self, model: str) -> int:
        """The newest version in the registry; 0 when there is none."""
        url = f"{self.sandbox.mlflow_url}/api/2.0/mlflow/model-versions/search"
        query, login = {"filter": f"name='{model}'"}, self.sandbox.keys.mlflow
        found = requests.get(url, query, auth=login, timeout=30).json().get("model_versions", [])
        return max((int(one["version"]) for one in found), default=0)

    def aws(self, service: str) -> Any:
        """A client of the sandbox's AWS."""
        return client(self.sandbox, service)

    @property
    def control(self) -> Faults:
        """The sandbox's control API."""
        return Faults(self.sandbox.aws_endpoint, self.sandbox.keys.access_key_id)

    @contextmanager
    def playing(self, role: str) -> Iterator[None]:
        """Commands run with a role's session meanwhile, on a fresh machine: nothing is initialised yet."""
        self.role = role
        shutil.rmtree(self.root / ".reconcile", ignore_errors=True)
        try:
            yield
        finally:
            self.role = ""

    def _variables(self) -> dict[str, str]:
        inherited = {key: os.environ[key] for key in INHERITED if key in os.environ}
        own = {"RECONCILE_SANDBOX_HOME": str(self.sandbox.home), "COLUMNS": "120", "CI": "true"}
        return {**inherited, **own, **FRUGAL, **self._session()}

    def _session(self) -> dict[str, str]:
        if not self.role:
            return {}
        return {**self.control.play(self.role), "AWS_ENDPOINT_URL": self.sandbox.aws_endpoint}
