"""What holds a person, or CI, back from reconciling, told by the real command line."""

import subprocess

import pytest

from reconciler.cli import run

GIT = ("git", "-c", "user.name=team", "-c", "user.email=team@example.invalid", "-c", "commit.gpgsign=false")
MANIFEST = """\
version: 1
platform: acme
environment: prod
region: eu-west-1
state_bucket: acme-tfstate
mlflow: {tracking_uri: https://mlflow.acme.example}
defaults: {training: {resources: {vcpu: 1, memory: 2048}}}
"""


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A repository with one project; `write` gives its manifest more lines and commits them."""
    monkeypatch.chdir(tmp_path)
    for variable in ("CI", "AWS_ENDPOINT_URL", "MLFLOW_TRACKING_URI"):
        monkeypatch.delenv(variable, raising=False)
    (tmp_path / "ml-projects" / "churn").mkdir(parents=True)
    (tmp_path / "ml-projects" / "churn" / "MLproject").write_text("entry_points: {main: {command: python train.py}}\n")
    (tmp_path / "manifests").mkdir()

    def write(lines):
        (tmp_path / "manifests" / "prod.yaml").write_text(f"{MANIFEST}{lines}\n")
        for words in (("init", "--quiet"), ("add", "--all"), ("commit", "--quiet", "--message", "all")):
            subprocess.run((*GIT, *words), check=True, timeout=60)

    return write


def test_a_pause_that_is_over_is_a_note_for_a_person_and_an_error_in_ci(repository, capsys, monkeypatch):
    repository("projects: {churn: {paused: {reason: incident 42, until: 2020-02-01}}}")
    assert run(["validate"]) == 0
    assert "note: churn: its pause (incident 42) was until the end of 2020-02-01 (UTC)" in capsys.readouterr().out
    monkeypatch.setenv("CI", "true")
    assert run(["validate"]) == 3
    assert "manifests/prod.yaml:8: projects.churn.paused.until: the end of 2020-02-01" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["deploy", "churn", "2"], ["undeploy", "churn"]])
def test_a_paused_project_is_neither_deployed_nor_undeployed(repository, capsys, words):
    repository("projects: {churn: {deployment: {version: 1, endpoint: {instance_type: ml.m5.large}}, "
               "paused: {reason: incident 42, until: 2099-02-01}}}")  # fmt: skip
    assert run(words) == 4
    assert "churn is paused until the end of 2099-02-01 (UTC): incident 42" in capsys.readouterr().err


CLEAN = "requires: {clean_tree: true}\nprojects: {churn: {}}"


@pytest.mark.parametrize("words", [["deploy", "churn", "2"], ["undeploy", "churn"], ["remove", "churn"]])
def test_a_manifest_that_is_changed_by_commits_alone_is_not_edited(repository, capsys, tmp_path, words):
    repository(CLEAN)
    before = (tmp_path / "manifests" / "prod.yaml").read_text()
    assert run(words) == 4
    assert "acme-prod is changed from commits alone" in capsys.readouterr().err
    assert (tmp_path / "manifests" / "prod.yaml").read_text() == before


def test_validate_names_what_is_uncommitted_where_that_would_be_refused(repository, capsys, tmp_path):
    repository(CLEAN)
    (tmp_path / "ml-projects" / "churn" / "train.py").write_text("print(1)\n")
    (tmp_path / "notes.txt").write_text("of no project\n")
    assert run(["validate"]) == 0
    told = capsys.readouterr().out
    assert "note: uncommitted, so nothing is changed from this tree: ml-projects/churn/train.py\n" in told


def test_validate_tells_that_head_is_not_signed_where_that_would_be_refused(repository, capsys):
    repository("requires: {signed_commits: true}\nprojects: {}")
    assert run(["validate"]) == 0
    assert "note: nothing is changed from HEAD: it is not signed\n" in capsys.readouterr().out
