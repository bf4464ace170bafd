"""Small repositories run through the real command line, compared to the letter."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

GOLDEN = Path(__file__).parent.parent / "golden"
STORIES = sorted(path.parent for path in GOLDEN.glob("*/commands"))
OFFLINE = [story for story in STORIES if not story.name.startswith("sandbox-")]
ONLINE = [story for story in STORIES if story.name.startswith("sandbox-")]
GIT = ("git", "-c", "user.name=golden", "-c", "user.email=golden@example.invalid", "-c", "commit.gpgsign=false")
SET_BY_PEOPLE = ("AWS_", "TF_VAR_", "MLFLOW_", "RECONCILE_", "GIT_")


def repository(story: Path, folder: Path) -> None:
    """The story's files, committed; those under `uncommitted/` are laid over them afterwards."""
    shutil.copytree(
        story,
        folder,
        ignore=shutil.ignore_patterns("commands", "expected", "uncommitted"),
        symlinks=True,
        dirs_exist_ok=True,
    )
    for command in (
        ("init", "--quiet", "--initial-branch", "main"),
        ("add", "--all"),
        ("commit", "--quiet", "-m", "golden"),
    ):
        subprocess.run((*GIT, *command), cwd=folder, check=True, timeout=60)
    if (story / "uncommitted").is_dir():
        shutil.copytree(story / "uncommitted", folder, dirs_exist_ok=True)


def head(folder: Path) -> str:
    """The commit, which is another one every time."""
    told = subprocess.run(
        (*GIT, "rev-parse", "HEAD"), cwd=folder, check=True, timeout=60, capture_output=True, text=True
    )
    return told.stdout.strip()


def tell(story: Path, folder: Path, **variables: str) -> str:
    """What a person would see: each command, what it prints, and its exit code when that is not 0."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(SET_BY_PEOPLE)}
    environment = {**inherited, "COLUMNS": "80", "NO_COLOR": "1", **variables}
    seen = []
    for line in (story / "commands").read_text().splitlines():
        command = [sys.executable, "-m", "reconciler", *shlex.split(line)[1:]]
        ended = subprocess.run(
            command,
            check=False,
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
        )
        seen.append(f"$ {line}\n{ended.stdout}" + (f"[exit {ended.returncode}]\n" if ended.returncode else ""))
    return "\n".join(seen)


def compare(story: Path, told: str) -> None:
    expected = story / "expected"
    if os.environ.get("UPDATE_GOLDEN"):
        expected.write_text(told)
    assert told == expected.read_text()


@pytest.mark.parametrize("story", OFFLINE, ids=lambda story: story.name)
def test_a_story_without_a_cloud_is_told_to_the_letter(story, tmp_path):
    repository(story, tmp_path / "repo")
    compare(story, tell(story, tmp_path / "repo", RECONCILE_SANDBOX_HOME=str(tmp_path / "nothing")))


@pytest.mark.e2e
@pytest.mark.parametrize("story", ONLINE, ids=lambda story: story.name)
def test_a_story_on_an_empty_sandbox_is_told_to_the_letter(story, tmp_path, sandbox):
    repository(story, tmp_path / "repo")
    told = tell(story, tmp_path / "repo", RECONCILE_SANDBOX_HOME=str(sandbox.home))
    told = told.replace(sandbox.mlflow_url, "http://mlflow.sandbox")
    told = told.replace(head(tmp_path / "repo")[:12], "0" * 12)
    told = re.sub(r"Plan `[0-9a-f]{16}`", "Plan `...`", told)
    compare(story, re.sub(r'"(?:[0-9a-f]{64}|[0-9a-f]{40})"', '"..."', told))
