"""Runs and versions, on a real MLflow server."""

import itertools
import json
import threading
import time
import uuid
from datetime import UTC, datetime

import pytest
import requests

from reconciler.adapters.mlflow_rest import LONGEST, MlflowRegistry
from reconciler.core.observed import ModelVersion, Noted, RunStatus, TrainingRun
from reconciler.errors import Interrupted, ReadFailed, RegistryFailed, TimedOut

OLD, NEW, COMMIT = "a" * 64, "b" * 64, "c" * 40


@pytest.fixture
def project() -> str:
    return f"churn-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def registry(mlflow_server):
    seconds = itertools.count(1000)
    return MlflowRegistry(mlflow_server, "prod", clock=lambda: next(seconds))


@pytest.fixture
def rest(mlflow_server):
    def post(path: str, method: str = "POST", **payload) -> dict:
        answer = requests.request(method, f"{mlflow_server}/api/2.0/mlflow/{path}", json=payload, timeout=20)
        assert answer.ok, answer.text
        return answer.json()

    return post


@pytest.fixture
def look(mlflow_server):
    def get(path: str, **query) -> dict:
        answer = requests.get(f"{mlflow_server}/api/2.0/mlflow/{path}", params=query, timeout=20)
        answer.raise_for_status()
        return answer.json()

    return get


@pytest.fixture
def log_model(look, rest):
    """Logs an empty model on a run, as a training would."""

    def log(run_id: str) -> str:
        experiment = look("runs/get", run_id=run_id)["run"]["info"]["experiment_id"]
        model = rest("logged-models", experiment_id=experiment, name="model", source_run_id=run_id)["model"]
        model_id = model["info"]["model_id"]
        rest("runs/outputs", run_id=run_id, models=[{"model_id": model_id, "step": 0}])
        return str(model_id)

    return log


def test_a_run_says_that_a_job_is_about_to_be_submitted_for_it_and_which_it_became(registry, project):
    run_id = registry.start_run(project, OLD, 0, COMMIT)
    registry.announce(run_id, datetime(2026, 1, 1, tzinfo=UTC))
    [announced] = registry.runs(project)
    registry.link_job(run_id, "job-1")
    [linked] = registry.runs(project)
    assert (announced.announced, announced.job, linked.job) == (1_767_225_600_000, "", "job-1")


def test_what_was_never_trained_has_no_runs_and_no_versions(registry, project):
    assert registry.runs(project) == ()
    assert registry.versions(project) == ()


def test_a_run_carries_its_source(registry, look, project):
    run_id = registry.start_run(project, OLD, 2, COMMIT)
    run = look("runs/get", run_id=run_id)["run"]
    assert {tag["key"]: tag["value"] for tag in run["data"]["tags"]} == {
        "mlflow.runName": f"{project}-{OLD[:12]}",
        "mlflow.source.git.commit": COMMIT,
        "reconciler.commit": COMMIT,
        "reconciler.digest": OLD,
        "reconciler.environment": "prod",
        "reconciler.project": project,
        "reconciler.registered": "0",
        "reconciler.revision": "2",
    }
    experiment = look("experiments/get", experiment_id=run["info"]["experiment_id"])["experiment"]
    assert experiment["name"] == f"prod/{project}"


def test_runs_are_told_newest_first(registry, project):
    first = registry.start_run(project, OLD, 0, COMMIT)
    second = registry.start_run(project, NEW, 1, COMMIT)
    assert [(run.id, run.digest, run.revision, run.status) for run in registry.runs(project)] == [
        (second, NEW, 1, RunStatus.RUNNING),
        (first, OLD, 0, RunStatus.RUNNING),
    ]
    newest, oldest = registry.runs(project)
    assert newest.started > oldest.started


def test_other_projects_environments_and_peoples_runs_are_not_ours(mlflow_server, registry, rest, look, project):
    ours = registry.start_run(project, OLD, 0, COMMIT)
    registry.start_run(f"{project}-2", OLD, 0, COMMIT)
    MlflowRegistry(mlflow_server, "staging").start_run(project, OLD, 0, COMMIT)
    experiment = look("runs/get", run_id=ours)["run"]["info"]["experiment_id"]
    rest("runs/create", experiment_id=experiment, start_time=1)
    assert [run.id for run in registry.runs(project)] == [ours]


def test_a_run_that_no_job_has_used_is_used(registry, project):
    run_id = registry.start_run(project, OLD, 0, COMMIT)
    assert registry.start_run(project, OLD, 0, COMMIT) == run_id
    assert registry.start_run(project, NEW, 0, COMMIT) != run_id


def test_a_run_that_a_job_has_used_is_not_used_again(registry, project):
    run_id = registry.start_run(project, OLD, 0, COMMIT)
    registry.link_job(run_id, "job-1")
    assert registry.start_run(project, OLD, 0, COMMIT) != run_id


@pytest.mark.parametrize(("killed", "status"), [(False, RunStatus.FAILED), (True, RunStatus.KILLED)])
def test_a_run_left_open_is_ended_and_not_used_again(registry, project, killed, status):
    run_id = registry.start_run(project, OLD, 0, COMMIT)
    registry.end_run(run_id, killed=killed)
    assert [(run.id, run.status) for run in registry.runs(project)] == [(run_id, status)]
    assert registry.start_run(project, OLD, 0, COMMIT) != run_id


def test_a_run_that_has_ended_stays_as_it_is(registry, rest, project):
    run_id = registry.start_run(project, OLD, 0, COMMIT)
    rest("runs/update", run_id=run_id, status="FINISHED", end_time=5)
    registry.end_run(run_id, killed=True)
    assert registry.runs(project)[0].status is RunStatus.FINISHED


def test_a_run_tells_the_models_that_it_logged(registry, log_model, project):
    run_id = registry.start_run(project, OLD, 0, COMMIT)
    models = {log_model(run_id), log_model(run_id)}
    (run,) = registry.runs(project)
    assert isinstance(run, TrainingRun)
    assert set(run.logged_models) == models


def test_a_logged_model_becomes_the_next_version(registry, look, log_model, project):
    first, second = registry.start_run(project, OLD, 0, COMMIT), registry.start_run(project, NEW, 0, COMMIT)
    before, models = time.time() * 1000 - 1, (log_model(first), log_model(second))
    made = tuple(registry.register(project, run, model) for run, model in zip((first, second), models, strict=True))
    assert [(one.number, one.run_id, one.model_id) for one in made] == [(1, first, models[0]), (2, second, models[1])]
    assert before <= made[0].created <= made[1].created <= time.time() * 1000 + 1
    assert registry.versions(project) == made
    assert registry.version(project, 2) == made[1]
    version = look("model-versions/get", name=project, version="2")["model_version"]
    assert version["source"] == f"models:/{models[1]}"


def test_a_number_that_is_given_again_is_another_version(registry, rest, log_model, project):
    runs = registry.start_run(project, OLD, 0, COMMIT), registry.start_run(project, NEW, 0, COMMIT)
    old = registry.register(project, runs[0], log_model(runs[0]))
    assert registry.version(project, 2) is None
    rest("registered-models/delete", "DELETE", name=project)
    assert registry.version(project, 1) is None
    new = registry.register(project, runs[1], log_model(runs[1]))
    assert (old.number, new.number) == (1, 1)
    assert old.origin.identity != new.origin.identity


def test_a_version_tells_what_it_is_of_however_it_was_registered(registry, rest, look, log_model, project):
    run_id = registry.start_run(project, OLD, 0, COMMIT)
    first = registry.register(project, run_id, log_model(run_id))
    artifacts = look("runs/get", run_id=run_id)["run"]["info"]["artifact_uri"]
    copies = f"{project}-copies"
    rest("registered-models/create", name=copies)
    # As `copy_model_version` does, as MLflow 2 logged models, and from files without a run.
    rest("model-versions/create", name=copies, source=f"models:/{project}/1", run_id=run_id)
    rest("model-versions/create", name=copies, source=f"{artifacts}/model", run_id=run_id)
    rest("model-versions/create", name=copies, source="s3://models/churn")
    found = registry.versions(copies)
    assert [(one.run_id, one.model_id) for one in found] == [(run_id, ""), (run_id, ""), ("", "")]
    assert len({one.origin.identity for one in (first, *found)}) == 4


def test_what_was_seen_of_a_run_is_noted_on_it(registry, project):
    run_id = registry.start_run(project, OLD, 0, COMMIT)
    [begun] = registry.runs(project)
    registry.note_version(run_id, Noted(3, "churn o'clock", "child"))
    [noted] = registry.runs(project)
    registry.note_version(run_id, Noted())
    [unnoted] = registry.runs(project)
    assert (begun.registered, noted.registered) == (Noted(), Noted(3, "churn o'clock", "child"))
    assert unnoted.registered == Noted()


def test_a_note_that_nobody_could_have_written_fails_the_read(registry, rest, project):
    run_id = registry.start_run(project, OLD, 0, COMMIT)
    rest("runs/set-tag", run_id=run_id, key="reconciler.registered", value="three")
    with pytest.raises(ReadFailed, match="= 'three', which is not models:/NAME/NUMBER"):
        registry.runs(project)


def test_a_run_of_an_earlier_release_says_nothing_of_its_version(registry, rest, project):
    run_id = registry.start_run(project, OLD, 0, COMMIT)
    rest("runs/delete-tag", run_id=run_id, key="reconciler.registered")
    assert [run.registered for run in registry.runs(project)] == [None]


def test_why_a_job_failed_is_noted_on_its_run(registry, project):
    run_id = registry.start_run(project, OLD, 0, COMMIT)
    registry.note_ending(run_id, "exit code 1", f"{'x' * LONGEST}\nValueError: größe")
    [run] = registry.runs(project)
    assert (run.status, run.ended, run.ending, len(run.log)) == (RunStatus.RUNNING, 0, "exit code 1", LONGEST)
    assert run.log.endswith("ValueError: größe")
    registry.end_run(run_id, killed=False)
    assert registry.runs(project)[0].ended > run.started


def test_an_ending_without_words_is_one_all_the_same(registry, project):
    registry.note_ending(registry.start_run(project, OLD, 0, COMMIT), "", "")
    assert [(run.ending, run.log) for run in registry.runs(project)] == [("the job failed", "")]


def test_a_run_tells_which_attempt_it_is_of(registry, rest, project):
    run_id = registry.start_run(project, OLD, 0, COMMIT)
    for key, value in (("attempt", "2"), ("first", "run-1")):
        rest("runs/set-tag", run_id=run_id, key=f"reconciler.{key}", value=value)
    assert [(run.attempt, run.first) for run in registry.runs(project)] == [(2, "run-1")]


@pytest.fixture
def nest(look, rest):
    """Begins a run within another one."""

    def begin(parent: str, at: int = 2_000_000) -> str:
        experiment = look("runs/get", run_id=parent)["run"]["info"]["experiment_id"]
        tags = [{"key": "mlflow.parentRunId", "value": parent}]
        return rest("runs/create", experiment_id=experiment, start_time=at, tags=tags)["run"]["info"]["run_id"]

    return begin


def test_runs_within_a_run_are_found_at_any_depth_with_what_they_logged(registry, log_model, nest, project):
    run_id, other = (registry.start_run(project, digest, 0, COMMIT) for digest in (OLD, NEW))
    child = nest(run_id)
    grandchild = nest(child)
    nest(other)
    log_model(child)
    log_model(grandchild)
    [run] = [one for one in registry.runs(project) if one.id == run_id]
    found = registry.nested(project, run)
    assert (found.nested, found.nested_models) == ({child, grandchild}, 2)


def test_a_run_without_runs_within_it_is_as_it_was(registry, project):
    registry.start_run(project, OLD, 0, COMMIT)
    [run] = registry.runs(project)
    assert registry.nested(project, run).nested == frozenset()


@pytest.fixture
def log_as_mlflow_2(rest):
    """What a client of MLflow 2 writes: no logged model, but a tag."""

    def log(run_id: str, *paths: str) -> None:
        history = [{"run_id": run_id, "artifact_path": path, "flavors": {}} for path in paths]
        rest("runs/set-tag", run_id=run_id, key="mlflow.log-model.history", value=json.dumps(history))

    return log


def test_a_model_of_a_client_of_mlflow_2_is_one_and_becomes_a_version(registry, look, log_as_mlflow_2, project):
    run_id = registry.start_run(project, OLD, 0, COMMIT)
    log_as_mlflow_2(run_id, "model", "model")
    [run] = registry.runs(project)
    assert run.logged_models == (f"runs:/{run_id}/model",)
    assert registry.register(project, run_id, run.logged_models[0]).number == 1
    version = look("model-versions/get", name=project, version="1")["model_version"]
    artifacts = look("runs/get", run_id=run_id)["run"]["info"]["artifact_uri"]
    assert (version["source"], version["run_id"]) == (f"{artifacts}/model", run_id)


def test_a_tag_of_mlflow_2_that_cannot_be_read_fails_the_read(registry, rest, project):
    run_id = registry.start_run(project, OLD, 0, COMMIT)
    rest("runs/set-tag", run_id=run_id, key="mlflow.log-model.history", value="[{")
    with pytest.raises(ReadFailed, match=f"run {run_id} has a tag mlflow.log-model.history that cannot be read"):
        registry.runs(project)


def test_registering_again_gives_the_same_version(registry, log_model, project):
    run_id = registry.start_run(project, OLD, 0, COMMIT)
    model = log_model(run_id)
    assert registry.register(project, run_id, model) == registry.register(project, run_id, model)
    assert len(registry.versions(project)) == 1


def test_versions_are_sorted_as_numbers_and_all_pages_are_read(registry, log_model, project, monkeypatch):
    monkeypatch.setattr("reconciler.adapters.mlflow_rest.PAGE", 3)
    runs = [registry.start_run(project, f"{number:064x}", 0, COMMIT) for number in range(11)]
    for run_id in runs:
        registry.register(project, run_id, log_model(run_id))
    assert [(one.number, one.run_id) for one in registry.versions(project)] == list(enumerate(runs, start=1))
    assert [run.id for run in registry.runs(project)] == list(reversed(runs))


def test_a_name_with_a_quote_is_searched_for(registry, log_model, project):
    run_id = registry.start_run(project, OLD, 0, COMMIT)
    made = registry.register(f"{project} o'clock", run_id, log_model(run_id))
    assert (made.number, registry.versions(f"{project} o'clock")) == (1, (made,))


def test_a_name_that_cannot_be_searched_for_is_an_error(registry):
    with pytest.raises(ReadFailed, match="cannot search"):
        registry.versions("""both ' and \"""")


def test_a_deleted_experiment_is_not_an_empty_one(registry, rest, look, project):
    run_id = registry.start_run(project, OLD, 0, COMMIT)
    experiment = look("runs/get", run_id=run_id)["run"]["info"]["experiment_id"]
    rest("experiments/delete", experiment_id=experiment)
    with pytest.raises(ReadFailed, match="was deleted") as raised:
        registry.runs(project)
    assert f"mlflow experiments restore --experiment-id {experiment}" in raised.value.remedy
    with pytest.raises(ReadFailed, match="was deleted"):
        registry.start_run(project, OLD, 0, COMMIT)


def test_two_who_start_at_once_share_the_experiment(mlflow_server, project):
    digests = [f"{number:064x}" for number in range(4)]
    registries = [MlflowRegistry(mlflow_server, "prod") for _ in digests]
    starts = [
        threading.Thread(target=one.start_run, args=(project, digest, 0, COMMIT))
        for one, digest in zip(registries, digests, strict=True)
    ]
    for start in starts:
        start.start()
    for start in starts:
        start.join()
    assert sorted(run.digest for run in registries[0].runs(project)) == digests


def test_a_revision_that_is_no_number_fails_the_read(registry, rest, project):
    run_id = registry.start_run(project, OLD, 0, COMMIT)
    rest("runs/set-tag", run_id=run_id, key="reconciler.revision", value="two")
    with pytest.raises(ReadFailed, match=f"run {run_id} has the tag reconciler.revision = 'two'"):
        registry.runs(project)


def test_a_run_that_does_not_exist_is_an_error(registry):
    with pytest.raises(RegistryFailed, match="RESOURCE_DOES_NOT_EXIST"):
        registry.link_job("f" * 32, "job-1")
    with pytest.raises(ReadFailed, match="RESOURCE_DOES_NOT_EXIST"):
        registry.end_run("f" * 32, killed=False)


PENDING = {"name": "churn", "version": "7", "run_id": "r", "status": "PENDING_REGISTRATION"}


def test_a_version_is_handed_out_when_it_is_ready(misbehaving, monkeypatch):
    monkeypatch.setattr("reconciler.adapters.mlflow_rest.POLL", 0)
    server = misbehaving(
        (200, {"model_versions": [PENDING]}),
        (200, {"model_version": PENDING}),
        (200, {"model_version": {**PENDING, "status": "READY"}}),
    )
    assert MlflowRegistry(server.address, "prod").register("churn", "r", "m-1") == ModelVersion(7, "r")
    assert len(server.requests) == 3


def test_a_version_that_is_not_ready_is_none(misbehaving):
    server = misbehaving((200, {"model_versions": [PENDING]}))
    assert MlflowRegistry(server.address, "prod").versions("churn") == ()


def test_a_version_that_failed_says_why(misbehaving):
    failed = {**PENDING, "status": "FAILED_REGISTRATION", "status_message": "no artifact"}
    server = misbehaving((200, {"model_versions": [failed]}))
    with pytest.raises(RegistryFailed, match="version 7 of churn did not become ready: no artifact"):
        MlflowRegistry(server.address, "prod").register("churn", "r", "m-1")


def test_waiting_for_a_version_can_be_interrupted(misbehaving):
    cancel = threading.Event()
    cancel.set()
    server = misbehaving((200, {"model_versions": [PENDING]}))
    with pytest.raises(Interrupted, match="version 7 of churn"):
        MlflowRegistry(server.address, "prod", cancel=cancel).register("churn", "r", "m-1")


def test_waiting_for_a_version_ends(misbehaving, monkeypatch):
    monkeypatch.setattr("reconciler.adapters.mlflow_rest.POLL", 0)
    server = misbehaving((200, {"model_versions": [PENDING], "model_version": PENDING}))
    seconds = itertools.count(0, 50)
    registry = MlflowRegistry(server.address, "prod", clock=lambda: next(seconds))
    with pytest.raises(TimedOut, match="still being registered after 120 s"):
        registry.register("churn", "r", "m-1")
