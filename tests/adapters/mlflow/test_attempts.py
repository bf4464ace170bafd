"""The program that begins an attempt of a training job, with MLflow's client and a real server."""

import importlib.util
import json
import os
import subprocess
import sys
import uuid
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from mlflow.cli import _user_args_to_dict, cli
from mlflow.projects.utils import load_project
from mlflow.tracking import MlflowClient

from reconciler.adapters.mlflow_rest import MlflowRegistry
from reconciler.core.observed import Noted, RunStatus
from support.examples import examples

PROGRAM = Path(__file__).parents[3] / "terraform" / "stacks" / "training" / "attempt.py"
DIGEST, COMMIT = "a" * 64, "c" * 40


class Execed(Exception):
    """In the place of `execvp`, from which nothing returns."""


@pytest.fixture
def project() -> str:
    return f"churn-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def registry(mlflow_server):
    return MlflowRegistry(mlflow_server, "prod")


@pytest.fixture
def client(mlflow_server):
    return MlflowClient(mlflow_server)


@pytest.fixture
def begin(mlflow_server, monkeypatch):
    """Begins an attempt as Batch does; returns the command that it becomes."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    spec = importlib.util.spec_from_file_location("attempt", PROGRAM)
    program = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(program)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", mlflow_server)
    monkeypatch.setenv("AWS_BATCH_JOB_ID", "job-1")

    def become(_file, command):
        raise Execed(command)

    monkeypatch.setattr(os, "execvp", become)

    def attempt(number: int, run: str) -> list[str]:
        monkeypatch.setenv("AWS_BATCH_JOB_ATTEMPT", str(number))
        with pytest.raises(Execed) as raised:
            program.main(run)
        return raised.value.args[0]

    return attempt


RUN = ["mlflow", "run", ".", "--env-manager", "local"]


def test_the_first_attempt_trains_in_the_run_that_it_is_given_and_asks_mlflow_nothing(begin, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:1")
    assert begin(1, "run-1") == [*RUN, "--run-id", "run-1"]


@pytest.mark.parametrize("number", [1, 2])
def test_a_job_of_the_clock_has_no_run_whatever_attempt_it_is(begin, monkeypatch, number):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:1")
    assert begin(number, "none") == RUN


def test_a_later_attempt_trains_in_a_run_of_its_own_and_those_before_are_killed_and_linked(
    begin, registry, client, project
):
    first = registry.start_run(project, DIGEST, 2, COMMIT)
    registry.link_job(first, "job-1")
    client.log_param(first, "started", "1")
    client.set_tag(first, "of-the-code", "x")
    second = begin(2, first)[-1]
    third = begin(3, first)[-1]
    client.log_param(third, "started", "3")
    client.set_terminated(third)

    runs = {run.id: run for run in registry.runs(project)}
    assert {run: runs[run].status for run in runs} == {
        first: RunStatus.KILLED,
        second: RunStatus.KILLED,
        third: RunStatus.FINISHED,
    }
    assert [(runs[run].attempt, runs[run].first) for run in (first, second, third)] == [(1, ""), (2, first), (3, first)]
    assert {(run.digest, run.revision, run.commit, run.job) for run in runs.values()} == {(DIGEST, 2, COMMIT, "job-1")}
    tags = {run: client.get_run(run).data.tags for run in runs}
    assert [tags[run].get("reconciler.next") for run in (first, second, third)] == [second, third, None]
    assert [tags[run].get("reconciler.previous") for run in (first, second, third)] == [None, first, second]
    assert "of-the-code" not in tags[third]
    assert tags[third]["mlflow.runName"].endswith("-attempt-3")


def test_a_run_that_finished_although_its_host_was_lost_is_no_result(begin, registry, client, project):
    first = registry.start_run(project, DIGEST, 0, COMMIT)
    client.set_terminated(first)
    begin(2, first)
    assert client.get_run(first).info.status == "KILLED"


def test_what_was_noted_of_one_attempt_is_not_noted_of_the_next(begin, registry, project):
    first = registry.start_run(project, DIGEST, 0, COMMIT)
    registry.note_version(first, Noted(7, "churn", "child"))
    registry.note_ending(first, "exit code 1", "ValueError")
    second = begin(2, first)[-1]
    [run] = [run for run in registry.runs(project) if run.id == second]
    assert (run.registered, run.ending, run.log) == (Noted(), "", "")


def test_an_attempt_that_gets_no_run_says_so_and_fails(begin, monkeypatch):
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:1")
    with pytest.raises(SystemExit, match="attempt 2 got no MLflow run of its own: "):
        begin(2, "run-1")


def test_a_file_of_the_project_that_is_called_like_a_module_is_not_imported(tmp_path):
    (tmp_path / "mlflow.py").write_text("raise SystemExit('the project was imported')")
    command = (sys.executable, "-c", PROGRAM.read_text().replace("os.execvp(", "print("), "run-1")
    variables = {"PATH": os.environ["PATH"], "AWS_BATCH_JOB_ATTEMPT": "2", "MLFLOW_TRACKING_URI": "http://127.0.0.1:1"}
    variables["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] = "0"
    ran = subprocess.run(command, cwd=tmp_path, env=variables, capture_output=True, text=True, check=False)
    assert "got no MLflow run of its own" in ran.stderr


def test_batch_finds_no_placeholder_in_the_program():
    assert "Ref::" not in PROGRAM.read_text()


def handed_over(command: list[str], folder: Path) -> list[str]:
    """The arguments that a project's command gets: MLflow reads its own options, and runs the command in bash."""
    (folder / "MLproject").write_text(MLPROJECT)
    given = cli.commands["run"].make_context("run", command[2:]).params
    project = load_project(str(folder))
    entry = project.get_entry_point(given["entry_point"])
    line = entry.compute_command(_user_args_to_dict(given["param_list"]), None)
    ran = subprocess.run(("bash", "-c", line), check=True, capture_output=True, cwd=folder)
    return json.loads(ran.stdout)


MLPROJECT = """\
entry_points:
  main: {command: "false"}
  train:
    parameters: {first: string, second: {type: string, default: none}}
    command: python -c "import json, sys; print(json.dumps(sys.argv[1:]))" {first} {second}
"""
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60)
HOSTILE = (
    "",
    "-",
    "--help",
    "-Pfirst=2",
    "=",
    "a=b",
    "$HOME",
    "$(id)",
    "`id`",
    "{first}",
    "'\"",
    "a\nb",
    "\\",
    "${x}",
    "*",
)


@examples(60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TEXT | st.sampled_from(HOSTILE), TEXT | st.sampled_from(HOSTILE))
def test_every_text_arrives_at_the_code_as_it_was_given(begin, monkeypatch, tmp_path, first, second):
    monkeypatch.setenv("RECONCILER_ENTRY_POINT", "train")
    monkeypatch.setenv("RECONCILER_PARAMETERS", json.dumps({"first": first, "second": second}))
    assert handed_over(begin(1, "none"), tmp_path) == [first, second]
