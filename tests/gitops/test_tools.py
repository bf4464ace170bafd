"""The environment that a job finds installed runs the code that the job checked out."""

import shutil
import subprocess

import pytest

from support.checkout import REPOSITORY
from support.workflows import tools
from support.workflows.repository import git

pytestmark = pytest.mark.servers


@pytest.fixture
def workspace(tmp_path):
    for name in ("Makefile", "pyproject.toml", "uv.lock", ".ci", "reconciler"):
        source = REPOSITORY / name
        copy = shutil.copytree if source.is_dir() else shutil.copyfile
        copy(source, tmp_path / name)
    git(tmp_path, "init", "--quiet")
    commit(tmp_path)
    return tmp_path


def commit(workspace) -> None:
    git(workspace, "add", "--all")
    git(workspace, "commit", "--quiet", "--message", "everything")


def run(workspace, *argv: str) -> str:
    ended = subprocess.run(argv, cwd=workspace, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def test_make_finds_everything_made_and_the_command_is_the_workspaces_own(workspace, tmp_path_factory):
    (workspace / "reconciler" / "cli" / "__init__.py").write_text('def run(argv):\n    print("of the workspace")\n')
    commit(workspace)
    tools.prepare(workspace, tmp_path_factory.mktemp("installed"))
    assert "setting up" not in run(workspace, "make", "setup")
    assert run(workspace, ".venv/bin/reconcile") == "of the workspace\n"
    assert run(workspace, ".venv/bin/python", "-m", "reconciler") == "of the workspace\n"
    assert run(workspace, ".venv/bin/python", "-c", "import boto3; print('libraries')") == "libraries\n"


def test_a_workspace_without_a_project_gets_no_environment(tmp_path):
    tools.prepare(tmp_path, tmp_path / "installed")
    assert not (tmp_path / ".venv").exists()
