"""What a shell offers when somebody presses the tabulator key: asked of a real bash."""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from reconciler.commands.completion import manifest_paths, project_names

PROD = "version: 1\nprojects:\n  churn: {deployment: {version: 1}}\n  ranker: {}\n"
SANDBOX = "version: 1\nprojects: {toy: {}}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two manifests, and the program on the PATH."""
    (tmp_path / "manifests").mkdir()
    (tmp_path / "manifests" / "prod.yaml").write_text(PROD)
    (tmp_path / "manifests" / "sandbox.yaml").write_text(SANDBOX)
    program = tmp_path / "bin" / "reconcile"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m reconciler "$@"\n')
    program.chmod(0o755)
    return tmp_path


def offered(folder: Path, line: str) -> list[str]:
    """What bash offers behind a line; a blank at its end begins a new word."""
    words = line.split() + ([""] if line.endswith(" ") else [])
    script = f"""
        eval "$(reconcile completion bash)"
        [[ $(complete -p reconcile) == *_reconcile_completion* ]] || exit 9
        compopt() {{ echo "<$1 $2>"; }}  # bash has it while a person types, and not in a script
        COMP_WORDS=({" ".join(map(shlex.quote, words))}) COMP_CWORD={len(words) - 1}
        _reconcile_completion reconcile
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    path = f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
    command = [shutil.which("bash") or "bash", "--norc", "-c", script]
    ran = subprocess.run(
        command, cwd=folder, env={**os.environ, "PATH": path}, capture_output=True, text=True, timeout=60, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, ""), ran
    return [one for one in ran.stdout.splitlines() if one]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("reconcile tra", ["trace", "train"]),
        ("reconcile sandbox fault kill", ["kill-job"]),
        ("reconcile train ", ["churn", "ranker"]),
        ("reconcile train ch", ["churn"]),
        ("reconcile history r", ["ranker"]),
        ("reconcile --project r", ["ranker"]),
        ("reconcile drift --project c", ["churn"]),
        ("reconcile -m manifests/sandbox.yaml invoke ", ["toy"]),
        ("reconcile -m manifests/sandbox.yaml logs ", ["toy"]),
        ("reconcile logs toy --a", ["--attempt"]),
        ("reconcile invoke -m manifests/sandbox.yaml ", ["toy"]),
        ("reconcile -m manifests/nothing.yaml train ", []),
        ("reconcile init ", []),
        ("reconcile -m m", ["manifests/prod.yaml", "manifests/sandbox.yaml"]),
        ("reconcile status -m manifests/s", ["manifests/sandbox.yaml"]),
        ("reconcile -m elsewhere/", ["<-o default>"]),
        ("reconcile status -o ", ["text", "json"]),
        ("reconcile completion z", ["zsh"]),
    ],
)
def test_bash_offers_what_fits(folder, line, expected):
    assert offered(folder, line) == expected


@pytest.mark.parametrize(("shell", "sign"), [("zsh", "#compdef reconcile"), ("fish", "complete --no-files --command")])
def test_the_other_shells_have_a_script_too(folder, shell, sign):
    command = [sys.executable, "-m", "reconciler", "completion", shell]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert sign in ran.stdout
    assert "_RECONCILE_COMPLETE" in ran.stdout


@pytest.mark.parametrize(
    "text", ["", "- a\n", "projects: [a]\n", "projects: {a: \n", "\x00", "projects:\n", "version: 1\n"]
)
def test_a_manifest_that_cannot_be_understood_offers_nothing(tmp_path, text):
    (tmp_path / "m.yaml").write_text(text)
    assert project_names(tmp_path / "m.yaml") == ()


def test_where_there_is_no_manifest_nothing_is_offered(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    assert project_names(tmp_path / "none.yaml") == project_names(tmp_path) == project_names(tmp_path / "binary") == ()
    assert manifest_paths() == ()


def test_a_manifest_that_is_not_valid_yet_offers_its_projects(tmp_path):
    (tmp_path / "m.yaml").write_text("projects:\n  churn: {deploymint: 3}\n  ranker:\n")
    assert project_names(tmp_path / "m.yaml") == ("churn", "ranker")
