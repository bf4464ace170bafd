"""Places in which secrets lie, and voices that say them."""

from copy import deepcopy
from dataclasses import dataclass, fields, replace
from typing import Any

from reconciler.core import names
from reconciler.core.homes import Kind, Thing
from reconciler.core.logs import BuildLog
from reconciler.core.observed import JobStatus, Refusal, Serving
from reconciler.errors import AwsFailed, ReadFailed, ReconcilerError, TerraformFailed
from reconciler.ports import Say, World
from support.builders import PLATFORM, REALTIME
from support.fakes import Cloud, FakeImages, FakeJobs, FakeTerraform
from support.practice import Patient

WORD = "canary7f3a"
"""In every secret of these tests, and in nothing else."""
ENVIRONMENT = {
    "MLFLOW_TRACKING_PASSWORD": f"{WORD}-mlflow",
    "MLFLOW_TRACKING_USERNAME": "somebody",
    "AWS_ACCESS_KEY_ID": f"{WORD}-key-id",
    "AWS_SECRET_ACCESS_KEY": f'{WORD}/secret+"key"',
    "TF_VAR_db_password": f"{WORD}-database",
    "SLACK_TOKEN": f"{WORD}-line-one-of-it\n{WORD}-line-two-of-it",
}
UNHEARD = {"TF_VAR_anything": f"{WORD}-of-terraform", "ANYTHING": f"{WORD}-of-nobody"}
"""Whose names do not say that they are secret: nothing of ours ever reads them out, and so nobody quotes them."""
QUOTES = " ".join(ENVIRONMENT.values())
LEAK = (
    f"it said {QUOTES} and password={WORD}-1 at mysql://mlflow:{WORD}-2@db.internal/mlflow with "
    f'{{"db_password": "{WORD}-3", "port": 3306}} and Authorization: Bearer {WORD}-bearer-4'
)
"""What Terraform, AWS, MLflow or a job may say."""
SMUGGLED = {"smuggled": f"{WORD}-in-state", "settings": {"smuggled": [f"{WORD}-nested"]}}


def leaks(text: str) -> str:
    """The neighbourhood of the first secret in a text; empty when there is none."""
    at = text.find(WORD)
    return text[max(0, at - 60) : at + 60] if at >= 0 else ""


class LeakyTerraform(FakeTerraform):
    def apply(self, kind: str, project: str | None, variables: Any, say: Say) -> None:
        say(LEAK)
        super().apply(kind, project, variables, say)

    def plan(self, kind: str, project: str | None, variables: Any, say: Say) -> Any:
        say(LEAK)
        return super().plan(kind, project, variables, say)

    def destroy(self, kind: str, project: str | None, variables: Any, say: Say) -> None:
        say(LEAK)
        super().destroy(kind, project, variables, say)


class LeakyJobs(FakeJobs):
    def wait(self, job_id: str, say: Say) -> Any:
        say(LEAK)
        return replace(super().wait(job_id, say), reason=LEAK)


class LeakyImages(FakeImages):
    def build_training(self, source: Any, image: str, say: Say) -> None:
        say(LEAK)
        super().build_training(source, image, say)

    def build_model(self, model: str, version: Any, image: str, check: Any, say: Say) -> None:
        say(LEAK)
        super().build_model(model, version, image, check, say)


@dataclass
class LeakyCloud(Cloud):
    """A cloud whose Terraform, jobs and builds say secrets while they work."""

    @property
    def world(self) -> World:
        quiet = super().world
        return replace(quiet, terraform=LeakyTerraform(self), jobs=LeakyJobs(self), images=LeakyImages(self))


OF_ITS_OWN = ("cancel", "writing")
"""What two clouds cannot have alike."""


def copied(cloud: Cloud) -> LeakyCloud:
    """A cloud of its own that holds the same."""
    held = [one.name for one in fields(cloud) if one.name not in OF_ITS_OWN]
    return LeakyCloud(**{name: deepcopy(getattr(cloud, name)) for name in held})


def planted(cloud: LeakyCloud) -> None:
    """Secrets in states, failures, refusals and jobs."""
    for key, outputs in cloud.stacks.items():
        cloud.stacks[key] = {**outputs, **SMUGGLED, "spec": {**outputs["spec"], **SMUGGLED, "policy": f"{WORD}-policy"}}
    for name, endpoint in cloud.endpoints.items():
        cloud.endpoints[name] = replace(endpoint, failure=LEAK)
    cloud.refused["ranker"] = (Refusal("v1-0a1b2c3", LEAK, "2026-01-01T00:00:00+00:00"),)
    cloud.servings = {one.configuration: Serving(REALTIME, "live") for one in cloud.endpoints.values()}
    cloud.rollback_reason = LEAK
    cloud.logs = dict.fromkeys(cloud.endpoints, LEAK)
    cloud.things = {Thing(Kind.ENDPOINT, "acme-test-stranger"): {"password": f"{WORD}-tag", "note": LEAK}}
    cloud.jobs = [(name, replace(job, status=JobStatus.FAILED, reason=LEAK)) for name, job in cloud.jobs]
    cloud.written = dict.fromkeys((*(job.id for _, job in cloud.jobs), *map(names.log_group, cloud.endpoints)), (LEAK,))
    repository = names.training_repository(PLATFORM, "churn")
    cloud.built = {repository: BuildLog(f"{repository}:0a1b2c3d", "2026-01-01T00:00:00+00:00", (LEAK,))}


def stuck(cloud: LeakyCloud) -> None:
    """Endpoints that only a person can judge, and that say why."""
    planted(cloud)
    for name, endpoint in cloud.endpoints.items():
        cloud.endpoints[name] = replace(endpoint, status="OutOfService")


def unreadable(cloud: LeakyCloud) -> None:
    """Reads that fail, and say why."""
    planted(cloud)
    for call in ("read endpoints", "read versions churn", "read images"):
        cloud.broken[call] = ReadFailed(LEAK, LEAK)


def blind(cloud: LeakyCloud) -> None:
    """Not even the states can be read."""
    planted(cloud)
    cloud.broken["read state"] = ReadFailed(LEAK, LEAK)


def examined(plant: object) -> Patient:
    """What the doctor finds: where reads fail, everything that it asks says secrets."""
    if plant not in (unreadable, blind):
        return Patient(denied={"ECR": LEAK}, uncommitted=(f"password={WORD}-file",))
    asked = ("terraform", "docker", "region", "bucket", "version", "quotas", "IAM")
    return Patient(broken={name: ReadFailed(LEAK, LEAK) for name in asked})


def failing(cloud: LeakyCloud) -> None:
    """Changes that fail, and say why."""
    planted(cloud)
    failures: dict[str, ReconcilerError] = {
        "apply": TerraformFailed(LEAK, LEAK),
        "destroy": TerraformFailed(LEAK, LEAK),
        "build": AwsFailed(LEAK, LEAK),
        "plan": TerraformFailed(LEAK, LEAK),
        "read drift": TerraformFailed(LEAK, LEAK),
    }
    cloud.broken |= failures


def rolling_back(cloud: LeakyCloud) -> None:
    """Rollouts and trainings that AWS refuses, and says why."""
    planted(cloud)
    cloud.fails_to_train |= {"churn", "ranker"}
    cloud.rolls_back = _Everything()
    cloud.refused.clear()
    for name, endpoint in cloud.endpoints.items():
        cloud.endpoints[name] = replace(endpoint, failure=None)


class _Everything(set):  # type: ignore[type-arg]
    """Holds whatever is asked for."""

    def __contains__(self, _item: object) -> bool:
        return True
