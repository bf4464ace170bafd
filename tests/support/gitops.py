"""A team's repository on the fake GitHub: this checkout as it stands, a manifest, and the people of the team."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from support.checkout import FRUGAL, INHERITED, REPOSITORY
from support.workflows import repository as repositories
from support.workflows.github import GitHub
from support.workflows.identity import Door
from support.workflows.log import Log
from support.workflows.repository import Person, Protected, Repository

NAME = "acme/models"
MANIFEST = "manifests/prod.yaml"
ACCOUNT = "123456789012"
PLAN_ROLE, APPLY_ROLE = (f"arn:aws:iam::{ACCOUNT}:role/acme-prod-{kind}" for kind in ("plan", "apply"))
LEFT_OUT = ("tests/", "docs/", "benchmarks/", "ml-projects/")
"""What no job reads, and the projects that a team has not."""
LOGIN = {"MLFLOW_TRACKING_USERNAME": "ci-reader", "MLFLOW_TRACKING_PASSWORD": "p4ssw0rd-of-mlflow"}
ENVIRONMENTS = {"prod": Protected(LOGIN, reviewers=("carol",)), "prod-plan": Protected(LOGIN)}
HEADER: dict[str, Any] = {
    "version": 1,
    "platform": "acme",
    "environment": "prod",
    "region": "eu-west-1",
    "account": ACCOUNT,
    "sandbox": True,
    "github": {"repository": NAME, "environment": "prod"},
    "limits": {"retire": 0},
}


@dataclass
class Team:
    """The repository, and how its manifest is written."""

    github: GitHub
    header: dict[str, Any] = field(default_factory=lambda: dict(HEADER))

    @property
    def repository(self) -> Repository:
        """On GitHub."""
        return self.github.repositories[NAME]

    def person(self, name: str) -> Person:
        """Somebody of the team."""
        return self.github.person(name, NAME)

    def manifest(self, **projects: Any) -> str:
        """The manifest with these projects."""
        return yaml.safe_dump({**self.header, "projects": projects}, sort_keys=False)


def found(folder: Path, given: Mapping[str, str], door: Door, log: Log | None = None) -> Team:
    """A team whose repository holds this checkout, with everything in it that git does not ignore, and no project.

    Its administrator has made the state bucket and the roles that jobs take.
    """
    repositories.create(folder / "repositories", NAME)
    team = connect(folder, given, door, log)
    alice = team.person("alice")
    alice.git("checkout", "--quiet", "-B", "main")
    copy_checkout(alice.folder)
    for manifest in (alice.folder / "manifests").glob("*.yaml"):
        manifest.unlink()
    alice.write(MANIFEST, team.manifest())
    alice.commit("The control centre, and an environment without projects")
    bootstrap(alice, given)
    return team


def bootstrap(administrator: Person, given: Mapping[str, str]) -> None:
    """What somebody types once, with rights that no job has."""
    kept = {name: os.environ[name] for name in INHERITED if name in os.environ}
    ended = subprocess.run(
        (sys.executable, "-m", "reconciler", "-m", MANIFEST, "bootstrap"),
        cwd=administrator.folder,
        env={**given, **kept, "CI": "true", **FRUGAL},
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr


def copy_checkout(target: Path) -> None:
    """What a commit of everything here would hold, as far as jobs read it."""
    listed = subprocess.run(
        ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"),
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout
    for name in filter(None, listed.split("\0")):
        if name.startswith(LEFT_OUT) or not os.path.lexists(REPOSITORY / name):
            continue
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(REPOSITORY / name, target / name, follow_symlinks=False)


def add_project(person: Person, name: str, files: Path) -> None:
    """A folder in ml-projects/, not yet committed."""
    ignored = shutil.ignore_patterns("mlruns", "__pycache__")
    shutil.copytree(files, person.folder / "ml-projects" / name, ignore=ignored, dirs_exist_ok=True)


def connect(
    folder: Path, given: Mapping[str, str], door: Door, log: Log | None = None, installed: Path | None = None
) -> Team:
    """A team whose repository is in a folder already."""
    github = GitHub(folder, log or Log(), given, door, installed=installed, left_out=frozenset({"ci.yml"}))
    github.adopt(NAME).environments = dict(ENVIRONMENTS)
    return Team(github)
