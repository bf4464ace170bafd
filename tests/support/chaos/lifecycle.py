"""Two projects from birth to retirement: the steps that every trial of the matrix is one of."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

GIT = ("git", "-c", "user.name=team", "-c", "user.email=team@example.invalid", "-c", "commit.gpgsign=false")
PLATFORM, ENVIRONMENT = "chaos", "test"
MANIFEST = f"manifests/{ENVIRONMENT}.yaml"
SIZE = {"type": "realtime", "instance_type": "ml.m5.large", "instances": 1}


@dataclass(frozen=True)
class Step:
    """A commit, and how it is reconciled."""

    name: str
    sources: dict[str, str]
    """Content of each project's code."""
    pins: dict[str, int]
    """Pinned version of each project; 0: none. A project that is not named has no lines."""
    words: tuple[str, ...] = ("--wait",)


STEPS = (
    Step("train", {"churn": "a", "ranker": "a"}, {"churn": 0, "ranker": 0}),
    Step("deploy", {"churn": "a", "ranker": "a"}, {"churn": 1, "ranker": 1}),
    Step("update", {"churn": "b", "ranker": "a"}, {"churn": 2, "ranker": 1}),
    Step("rollback", {"churn": "b", "ranker": "a"}, {"churn": 1, "ranker": 1}),
    Step("retire", {"churn": "b", "ranker": "a"}, {"churn": 1}, ("--wait", "--allow-retire", "ranker")),
)


@dataclass(frozen=True)
class Repository:
    """The team's git repository."""

    root: Path

    def begin(self) -> None:
        """Make it."""
        self.root.mkdir()
        self._git("init", "--quiet", "--initial-branch", "main")

    def commit(self, step: Step) -> None:
        """Say what a step wants."""
        for name, code in step.sources.items():
            folder = self.root / "ml-projects" / name
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "MLproject").write_text(f"name: {name}\nentry_points:\n  main:\n    command: python train.py\n")
            (folder / "train.py").write_text(f"# {code}\n")
        (self.root / MANIFEST).parent.mkdir(exist_ok=True)
        (self.root / MANIFEST).write_text(yaml.safe_dump(_manifest(step), sort_keys=False))
        (self.root / ".gitignore").write_text(".reconcile/\n")
        self._git("add", "--all")
        self._git("commit", "--quiet", "--allow-empty", "--message", step.name)

    def forget_terraform(self) -> None:
        """A machine that has never run Terraform."""
        shutil.rmtree(self.root / ".reconcile", ignore_errors=True)

    def _git(self, *words: str) -> None:
        subprocess.run((*GIT, *words), cwd=self.root, check=True, timeout=60)


def _manifest(step: Step) -> dict[str, Any]:
    header = {"version": 1, "platform": PLATFORM, "environment": ENVIRONMENT, "sandbox": True, "limits": {"retire": 0}}
    return {**header, "projects": {name: _project(pin) for name, pin in step.pins.items()}}


def _project(pin: int) -> dict[str, Any]:
    training = {"resources": {"vcpu": 1, "memory": 2048}, "timeout": "10m", "attempts": 1}
    deployment = {"deployment": {"version": pin, "endpoint": SIZE, "keep_versions": 2}} if pin else {}
    return {"training": training, **deployment}
