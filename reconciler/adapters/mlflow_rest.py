"""The MLflow tracking server and its model registry, over REST: importing `mlflow` would cost more than a second."""

import json
import math
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from threading import Event
from typing import Any

from reconciler.adapters.http import Auth
from reconciler.adapters.mlflow_http import Json, MlflowHttp
from reconciler.adapters.patience import Patience
from reconciler.core.observed import ModelVersion, Noted, RunStatus, TrainingRun
from reconciler.errors import Interrupted, ReadFailed, RegistryFailed, TimedOut
from reconciler.ports import Cancel

PROJECT = "reconciler.project"
ENVIRONMENT = "reconciler.environment"
DIGEST = "reconciler.digest"
REVISION = "reconciler.revision"
COMMIT = "reconciler.commit"
JOB = "reconciler.job"
ANNOUNCED = "reconciler.submitting"
REGISTERED = "reconciler.registered"
REGISTERED_BY = "reconciler.registered_by"
NONE_YET = "0"
ENDING = "reconciler.ending"
LOG = "reconciler.log"
ATTEMPT = "reconciler.attempt"
ASKED = "reconciler.asked"
FIRST = "reconciler.first"
"""These two are written by `terraform/stacks/training/attempt.py`."""
PARENT = "mlflow.parentRunId"
HISTORY = "mlflow.log-model.history"
"""Where MLflow 2 says what a run logged: https://github.com/mlflow/mlflow/blob/v2.22.0/mlflow/utils/mlflow_tags.py"""

OPEN = frozenset({RunStatus.RUNNING.value, RunStatus.SCHEDULED.value})
PAGE = 200
PATIENCE = 120.0
"""Seconds that a new version may take to become READY."""
POLL = 1.0
"""Seconds"""
LONGEST = 4000
"""Characters of a tag that holds the words of others; a server of MLflow 2 takes 5,000, one of MLflow 3 8,000
(MAX_TAG_VAL_LENGTH, https://github.com/mlflow/mlflow/blob/v2.22.0/mlflow/utils/validation.py)."""


class MlflowRegistry:
    """Runs of one environment, and every registered model of the server.

    The runs of a project are in the experiment `<environment>/<project>`.
    """

    def __init__(
        self,
        tracking_uri: str,
        environment: str,
        auth: Auth | None = None,
        *,
        cancel: Cancel | None = None,
        patience: Patience | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._http = MlflowHttp(tracking_uri, auth, patience)
        self._environment = environment
        self._cancel = cancel or Event()
        self._clock = clock

    def versions(self, model: str) -> tuple[ModelVersion, ...]:
        """Versions that are READY, ascending; empty when there is no such model. Raises ReadFailed."""
        ready = [_version(found) for found in self._versions(model) if found["status"] == "READY"]
        return tuple(sorted(ready, key=lambda version: version.number))

    def version(self, model: str, number: int) -> ModelVersion | None:
        """One version, ready or not; None when there is none of this number. Raises ReadFailed."""
        answer = self._http.find("model-versions/get", name=model, version=str(number))
        return _version(answer["model_version"]) if answer else None

    def runs(self, project: str) -> tuple[TrainingRun, ...]:
        """Runs that the reconciler started for the project in this environment, newest first. Raises ReadFailed."""
        return tuple(_training_run(run) for run in self._runs(project))

    def nested(self, project: str, run: TrainingRun) -> TrainingRun:
        """The same run with the runs that were begun within it, at any depth. Raises ReadFailed."""
        experiment = self._experiment(project)
        if experiment is None:
            return run
        found = self._http.search(
            "runs/search",
            "runs",
            experiment_ids=[experiment],
            filter=f"tags.`{PARENT}` LIKE '%' AND attributes.start_time >= {run.started}",
            max_results=PAGE,
        )
        within = _descendants(run.id, list(found))
        models = sum(len(_logged_models(one)) for one in within)
        return replace(run, nested=frozenset(one["info"]["run_id"] for one in within), nested_models=models)

    def metrics(self, run_id: str) -> Mapping[str, float]:
        """The newest finite value of each metric of a run; empty when there is no such run. Raises ReadFailed."""
        answer = self._http.find("runs/get", run_id=run_id)
        logged = answer["run"]["data"].get("metrics", ()) if answer else ()
        values = {str(metric["key"]): float(metric["value"]) for metric in logged}
        return {key: value for key, value in values.items() if math.isfinite(value)}

    def start_run(self, project: str, digest: str, revision: int, commit: str, asked: str = "") -> str:
        """Create a run tagged with its source, or return the one made for it that no job has used yet.

        `asked` are parameters that somebody gave by hand, in JSON.

        Raises ReadFailed, RegistryFailed.
        """
        for run in self._runs(project):
            tags = _tags(run)
            if tags[DIGEST] == digest and JOB not in tags and run["info"]["status"] in OPEN:
                return str(run["info"]["run_id"])
        tags = {
            PROJECT: project,
            ENVIRONMENT: self._environment,
            DIGEST: digest,
            REVISION: str(revision),
            COMMIT: commit,
            REGISTERED: NONE_YET,
            "mlflow.source.git.commit": commit,
            **({ASKED: asked} if asked else {}),
        }
        answer = self._http.write(
            "runs/create",
            experiment_id=self._experiment(project) or self._create_experiment(project),
            run_name=f"{project}-{digest[:12]}",
            start_time=self._now(),
            tags=[{"key": key, "value": value} for key, value in tags.items()],
        )
        return str(answer["run"]["info"]["run_id"])

    def announce(self, run_id: str, at: datetime) -> None:
        """Note on a run that a job is about to be submitted for it. Raises RegistryFailed."""
        self._tag(run_id, ANNOUNCED, at.astimezone(UTC).isoformat())

    def link_job(self, run_id: str, job_id: str) -> None:
        """Note on a run which Batch job executes it. Raises RegistryFailed."""
        self._tag(run_id, JOB, job_id)

    def note_version(self, run_id: str, seen: Noted) -> None:
        """Note on a run which version of it was seen. Raises RegistryFailed."""
        if seen.number:
            self._tag(run_id, REGISTERED_BY, seen.run)
        self._tag(run_id, REGISTERED, f"models:/{seen.model}/{seen.number}" if seen.number else NONE_YET)

    def note_ending(self, run_id: str, reason: str, log: str) -> None:
        """Note on a run why its job failed, with the end of the log. Raises RegistryFailed."""
        if log:
            self._tag(run_id, LOG, log[-LONGEST:])
        self._tag(run_id, ENDING, reason[:LONGEST] or "the job failed")

    def end_run(self, run_id: str, *, killed: bool) -> None:
        """Mark a run that its job left open as FAILED, or as KILLED; one that has ended stays as it is.

        Raises ReadFailed, RegistryFailed.
        """
        status = self._http.read("runs/get", run_id=run_id)["run"]["info"]["status"]
        if status in OPEN:
            ended = RunStatus.KILLED if killed else RunStatus.FAILED
            self._http.write("runs/update", run_id=run_id, status=ended.value, end_time=self._now())

    def register(self, model: str, run_id: str, logged_model: str) -> ModelVersion:
        """Register a logged model as the next version of `model`, or return the version that its run has already.

        Raises ReadFailed, RegistryFailed, Interrupted, and TimedOut when it is not ready after two minutes.
        """
        version = self._version_of_run(model, run_id) or self._create_version(model, run_id, logged_model)
        return _version(self._ready(version))

    def _tag(self, run_id: str, key: str, value: str) -> None:
        self._http.write("runs/set-tag", run_id=run_id, key=key, value=value)

    def _now(self) -> int:
        return int(self._clock() * 1000)

    def _versions(self, model: str) -> Iterator[Json]:
        condition = f"name={_quoted(model)}"
        return self._http.list("model-versions/search", "model_versions", filter=condition, max_results=PAGE)

    def _runs(self, project: str) -> list[Json]:
        experiment = self._experiment(project)
        if experiment is None:
            return []
        found = self._http.search(
            "runs/search",
            "runs",
            experiment_ids=[experiment],
            filter=f"tags.`{PROJECT}` = {_quoted(project)} AND tags.`{ENVIRONMENT}` = {_quoted(self._environment)}",
            order_by=["attributes.start_time DESC"],
            max_results=PAGE,
        )
        return [run for run in found if DIGEST in _tags(run)]

    def _experiment(self, project: str) -> str | None:
        name = f"{self._environment}/{project}"
        answer = self._http.find("experiments/get-by-name", experiment_name=name)
        if answer is None:
            return None
        experiment = answer["experiment"]
        if experiment["lifecycle_stage"] != "active":
            remedy = f"restore it: mlflow experiments restore --experiment-id {experiment['experiment_id']}"
            raise ReadFailed(f"the MLflow experiment {name} was deleted, and its runs with it", remedy)
        return str(experiment["experiment_id"])

    def _create_experiment(self, project: str) -> str:
        name = f"{self._environment}/{project}"
        self._http.create("experiments/create", name=name)
        if experiment := self._experiment(project):
            return experiment
        raise RegistryFailed(f"the MLflow server made no experiment {name}", "look at the server's log")

    def _version_of_run(self, model: str, run_id: str) -> Json | None:
        return next((found for found in self._versions(model) if found.get("run_id") == run_id), None)

    def _create_version(self, model: str, run_id: str, logged_model: str) -> Json:
        self._http.create("registered-models/create", name=model)
        created = self._http.write(
            "model-versions/create", name=model, run_id=run_id, **self._source(run_id, logged_model)
        )
        return dict(created["model_version"])

    def _source(self, run_id: str, logged_model: str) -> dict[str, str]:
        """Where its files are: MLflow 3 knows a model by its id, MLflow 2 by its path in the run."""
        path = logged_model.removeprefix(f"runs:/{run_id}/")
        if path == logged_model:
            return {"source": f"models:/{logged_model}", "model_id": logged_model}
        artifacts = self._http.read("runs/get", run_id=run_id)["run"]["info"]["artifact_uri"]
        return {"source": f"{artifacts.rstrip('/')}/{path}"}

    def _ready(self, version: Json) -> Json:
        name, number = version["name"], version["version"]
        deadline = self._clock() + PATIENCE
        while version["status"] == "PENDING_REGISTRATION" and self._clock() < deadline:
            if self._cancel.wait(POLL):
                raise Interrupted(f"stopped waiting for version {number} of {name}", "run again")
            version = self._http.read("model-versions/get", name=name, version=number)["model_version"]
        if version["status"] == "PENDING_REGISTRATION":
            what = f"version {number} of {name} is still being registered after {PATIENCE:.0f} s"
            raise TimedOut(what, "look at the MLflow server's log; run again to wait on")
        if version["status"] != "READY":
            why = version.get("status_message") or f"it is {version['status']}"
            remedy = f"delete version {number} of {name} in MLflow and run again"
            raise RegistryFailed(f"version {number} of {name} did not become ready: {why}", remedy)
        return version


def _tags(run: Json) -> dict[str, str]:
    return {tag["key"]: tag["value"] for tag in run["data"].get("tags", ())}


def _training_run(run: Json) -> TrainingRun:
    info, tags = run["info"], _tags(run)
    return TrainingRun(
        id=info["run_id"],
        digest=tags[DIGEST],
        revision=_number(run, REVISION, "0"),
        status=RunStatus(info["status"]),
        started=int(info["start_time"]),
        logged_models=_logged_models(run),
        job=tags.get(JOB, ""),
        announced=_announced(info["run_id"], tags),
        commit=tags.get(COMMIT, ""),
        attempt=_number(run, ATTEMPT, "1"),
        first=tags.get(FIRST, ""),
        registered=_noted(info["run_id"], tags),
        ending=tags.get(ENDING, ""),
        ended=int(info.get("end_time") or 0),
        log=tags.get(LOG, ""),
        asked=tags.get(ASKED, ""),
    )


def _number(run: Json, tag: str, otherwise: str) -> int:
    value = _tags(run).get(tag, otherwise)
    if not value.isdecimal():
        what = f"MLflow run {run['info']['run_id']} has the tag {tag} = {value!r}, which is not a number"
        raise ReadFailed(what, "set the tag right, or delete the run")
    return int(value)


def _noted(run_id: str, tags: Mapping[str, str]) -> Noted | None:
    value = tags.get(REGISTERED)
    if value is None or value == NONE_YET:
        return None if value is None else Noted()
    found = re.fullmatch(r"models:/(.+)/(\d+)", value)
    if found is None:
        what = f"MLflow run {run_id} has the tag {REGISTERED} = {value!r}, which is not models:/NAME/NUMBER"
        raise ReadFailed(what, f"set the tag right, or to {NONE_YET}")
    return Noted(int(found[2]), found[1], tags.get(REGISTERED_BY, run_id))


def _descendants(root: str, runs: list[Json]) -> list[Json]:
    """Those of the runs that were begun within the root, or within one that was."""
    found: list[Json] = []
    around = {root}
    while inner := [run for run in runs if _tags(run).get(PARENT) in around]:
        found += inner
        around = {run["info"]["run_id"] for run in inner}
        runs = [run for run in runs if run not in inner]
    return found


def _announced(run_id: str, tags: Mapping[str, str]) -> int:
    if ANNOUNCED not in tags:
        return 0
    try:
        return int(datetime.fromisoformat(tags[ANNOUNCED]).timestamp() * 1000)
    except ValueError as fault:
        what = f"MLflow run {run_id} has the tag {ANNOUNCED} = {tags[ANNOUNCED]!r}, which is not a time"
        raise ReadFailed(what, "set the tag right, or delete the run") from fault


def _logged_models(run: Mapping[str, Any]) -> tuple[str, ...]:
    """Ids of what MLflow 3 logged, or addresses (`runs:/…`) of what MLflow 2 did."""
    outputs = run.get("outputs", {}).get("model_outputs", ())
    return tuple(dict.fromkeys(output["model_id"] for output in outputs)) or _older_models(run)


def _older_models(run: Mapping[str, Any]) -> tuple[str, ...]:
    try:
        history = json.loads(_tags(dict(run)).get(HISTORY, "[]"))
        paths = [str(one["artifact_path"]) for one in history]
    except (ValueError, TypeError, KeyError) as fault:
        what = f"MLflow run {run['info']['run_id']} has a tag {HISTORY} that cannot be read: {fault}"
        raise ReadFailed(what, "delete the tag, or the run") from fault
    return tuple(dict.fromkeys(f"runs:/{run['info']['run_id']}/{path}" for path in paths))


def _version(found: Json) -> ModelVersion:
    return ModelVersion(
        number=int(found["version"]),
        run_id=found.get("run_id", ""),
        model_id=found.get("model_id") or _logged_model(found.get("source", "")),
        created=int(found.get("creation_timestamp", 0)),
        source=found.get("source", ""),
    )


def _logged_model(source: str) -> str:
    """MLflow's own server does not tell the logged model that a version is of (3.17: its table of versions has no such
    column); the version's source names it: `models:/<model id>`.
    https://mlflow.org/docs/latest/api_reference/python_api/mlflow.html#mlflow.register_model"""
    name = source.removeprefix("models:/")
    return name if name != source and not {"/", "@"} & set(name) else ""


def _quoted(value: str) -> str:
    # MLflow's filters know no escapes.
    mark = '"' if "'" in value else "'"
    if mark in value:
        raise ReadFailed(f"MLflow cannot search for the name {value!r}", "a name holds one kind of quotes at most")
    return f"{mark}{value}{mark}"
