"""A repository with one project, and one that everybody pushes to."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Git = Callable[..., str]

MANIFEST = """\
version: 1
platform: acme
environment: prod
region: eu-west-1
state_bucket: acme-tfstate
mlflow: {tracking_uri: "https://mlflow.acme.example"}
projects:
  churn: {}
"""


@pytest.fixture(autouse=True)
def own_configuration(tmp_path, monkeypatch):
    """No test depends on, or changes, what the person has configured."""
    config = tmp_path / "gitconfig"
    config.write_text("[user]\n\tname = team\n\temail = team@example.invalid\n[init]\n\tdefaultBranch = main\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))


@pytest.fixture
def git() -> Git:
    """Runs git in a folder."""

    def run(folder: Path, *words: str) -> str:
        ended = subprocess.run(("git", *words), cwd=folder, check=True, capture_output=True, text=True, timeout=60)
        return ended.stdout.strip()

    return run


@pytest.fixture
def team(tmp_path: Path, git: Git) -> Path:
    """Where people work: a checkout of `shared`, with the manifest `manifests/prod.yaml` and the project churn."""
    shared, team = tmp_path / "shared.git", tmp_path / "team"
    git(tmp_path, "init", "--quiet", "--bare", str(shared))
    git(tmp_path, "clone", "--quiet", str(shared), str(team))
    git(team, "checkout", "--quiet", "-B", "main")
    (team / "manifests").mkdir()
    (team / "ml-projects" / "churn").mkdir(parents=True)
    (team / "manifests" / "prod.yaml").write_text(MANIFEST)
    (team / "ml-projects" / "churn" / "MLproject").write_text("name: churn\n")
    (team / ".gitignore").write_text("*.log\n")
    publish(git, team, "first")
    return team


def publish(git: Git, team: Path, message: str) -> str:
    """Commit everything and push it; returns the commit."""
    git(team, "add", "--all")
    git(team, "commit", "--quiet", "--message", message)
    git(team, "push", "--quiet", "origin", "main")
    return git(team, "rev-parse", "HEAD")
