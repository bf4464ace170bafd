"""The real command line in a repository of its own, with the small cloud in memory behind it."""

import io
import shutil
import subprocess
import threading
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from reconciler import wiring
from reconciler.cli import run
from reconciler.intake import Intake
from reconciler.ports import World
from reconciler.settings import Settings
from support.checkout import GIT, Ran
from support.fakes import Cloud

HEADER: dict[str, Any] = {
    "version": 1,
    "platform": "acme",
    "environment": "test",
    "region": "eu-west-1",
    "state_bucket": "acme-test-tfstate",
    "mlflow": {"tracking_uri": "http://mlflow.test"},
}
"""Of the environment that the builders speak of."""
SET_BY_PEOPLE = ("AWS_", "TF_VAR_", "MLFLOW_", "RECONCILE_", "GIT_")


@dataclass
class CommandLine:
    """`reconcile` as a person runs it; `cloud` is what it finds."""

    root: Path
    patch: pytest.MonkeyPatch
    cloud: Cloud | None = field(default_factory=Cloud)
    """None: the world is the one that the production adapters find."""
    header: dict[str, Any] = field(default_factory=lambda: dict(HEADER))
    projects: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        (self.root / "manifests").mkdir(parents=True)
        self.git("init", "--quiet", "--initial-branch", "main")
        self.patch.chdir(self.root)
        if self.cloud is not None:
            self.patch.setattr(wiring, "build_world", self._world)
        for name in [name for name in Settings.read().variables if name.startswith(SET_BY_PEOPLE)]:
            self.patch.delenv(name)

    def _world(self, _intake: Intake, settings: Settings, _cancel: threading.Event) -> World:
        assert self.cloud is not None
        return replace(self.cloud.world, redact=settings.redactor)

    def want(self, name: str, **lines: Any) -> None:
        """Write and commit a project's lines, and its folder when it is new."""
        self.projects[name] = lines
        folder = self.root / "ml-projects" / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "MLproject").write_text(f"name: {name}\nentry_points:\n  main: {{command: python train.py}}\n")
        self.save()

    def drop(self, name: str) -> None:
        """Delete a project's lines and its folder."""
        del self.projects[name]
        shutil.rmtree(self.root / "ml-projects" / name)
        self.save()

    def save(self) -> None:
        """Write the manifest, and commit everything."""
        text = yaml.safe_dump({**self.header, "projects": self.projects}, sort_keys=False)
        (self.root / "manifests" / "prod.yaml").write_text(text)
        self.commit()

    def commit(self) -> None:
        """Commit everything."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", "change")

    def git(self, *arguments: str) -> None:
        """Run git in the repository."""
        subprocess.run((*GIT, *arguments), cwd=self.root, check=True, timeout=60)

    def run(self, *arguments: str) -> Ran:
        """One command; what it printed on both streams."""
        out = io.StringIO()
        with redirect_stdout(out), redirect_stderr(out):
            code = run(arguments)
        return Ran(code, out.getvalue())
