"""Short ways to say a state in a test: everything has a default, a test names what it is about."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from reconciler.core import names
from reconciler.core.actions import ProvisionTraining
from reconciler.core.desired import (
    Compute,
    Deployment,
    DesiredState,
    Endpoint,
    Platform,
    Project,
    RealtimeEndpoint,
    Resources,
    Run,
    Source,
    StackCode,
    Training,
)
from reconciler.core.guards import Circumstances
from reconciler.core.history import ProjectRecord, Record
from reconciler.core.lease import Holder
from reconciler.core.observed import (
    DeploymentStack,
    Job,
    JobStatus,
    LiveEndpoint,
    ModelVersion,
    Network,
    Noted,
    ObservedProject,
    ObservedState,
    PlatformStack,
    RunStatus,
    StoredImage,
    TrainingRun,
    TrainingStack,
)
from reconciler.core.plan import plan
from reconciler.core.release import Release
from reconciler.core.specs import deployment_spec, platform_spec

ACCOUNT = "123456789012"
PLATFORM = Platform("acme", "test", "eu-west-1", "acme-test-tfstate", "http://mlflow.test")
CODE = StackCode("p" * 12, "t" * 12, "d" * 12)
GUARDRAILS = {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "5xx"}]}}
NETWORK = Network("vpc-0a1b2c3d", ("subnet-0a1b2c3d", "subnet-0f1e2d3c"), ("sg-0a1b2c3d",))
REALTIME = RealtimeEndpoint("ml.m5.large", 1)
NOW = datetime(2026, 1, 1, tzinfo=UTC)
HERE_AND_NOW = Circumstances(NOW)


def digest(seed: str) -> str:
    return hashlib.sha256(seed.encode()).hexdigest()


def project(
    name: str = "churn",
    *,
    pin: int | None = 1,
    source: str = "a",
    run: Run = Run.ON_CHANGE,
    revision: int = 0,
    endpoint: Endpoint = REALTIME,
    keep: int = 5,
    memory: int = 2048,
    serving: dict[str, Any] | None = None,
    **more: Any,
) -> Project:
    """`serving` holds more of the deployment's fields."""
    return Project(
        name=name,
        model=name,
        source=Source(f"ml-projects/{name}", digest(f"{name}/{source}/{revision}"), "c" * 40),
        training=Training(Resources(1, memory), Compute.FARGATE, 3600, 1, run, revision),
        deployment=Deployment(pin, endpoint, keep, **(serving or {})) if pin else None,
        **more,
    )


def desired(*projects: Project, retire_limit: int = 1) -> DesiredState:
    return DesiredState(PLATFORM, CODE, tuple(sorted(projects, key=lambda p: p.name)), retire_limit)


def observed(*projects: ObservedProject, platform: bool = True, **more: Any) -> ObservedState:
    stack = PlatformStack(platform_spec(desired(), None), NETWORK) if platform else None
    return ObservedState(ACCOUNT, stack, projects={p.name: p for p in projects}, **more)


def release(version: int, name: str = "churn", endpoint: Endpoint = REALTIME, tag: str = "", **more: Any) -> Release:
    """One as it was before images said which model they hold, unless its image's tag says it."""
    repository = names.model_repository(PLATFORM, name)
    image = names.image(ACCOUNT, PLATFORM.region, repository, tag or f"v{version}")
    return Release(version, image, endpoint, **more)


def version_of(model: str, number: int = 1) -> ModelVersion:
    """A version as MLflow 3 registers it, of a model that a run of its own logged."""
    return ModelVersion(number, f"run-{model}", f"m-{model}", created=1_700_000_000_000)


def release_of(version: ModelVersion, name: str = "churn", **more: Any) -> Release:
    """The release of a version whose image says which model it holds."""
    tag = names.model_tag(version.number, version.origin.identity)
    return release(version.number, name, tag=tag, origin=version.origin, **more)


def training_stack(wanted: Project) -> TrainingStack:
    """The stack as it is after its own provisioning, so that no test repeats the specification."""
    untouched = observed(ObservedProject(wanted.name))
    actions = plan(desired(wanted), untouched).projects[0].actions
    return TrainingStack(next(action.spec for action in actions if isinstance(action, ProvisionTraining)))


def deployment_stack(*releases: Release, live: Release | None = None, wanted: Project | None = None) -> DeploymentStack:
    """The stack as the planner would have applied it; `live` is what was last asked for, if not the first one."""
    chosen = (live or releases[0]).name if releases else ""
    spec = deployment_spec(wanted or project(), desired(), ACCOUNT, releases, {})
    return DeploymentStack({**spec, "live": chosen}, releases, chosen or None, GUARDRAILS)


def live(
    one: Release,
    status: str = "InService",
    failure: str | None = None,
    name: str = "churn",
    instances: int | None = None,
) -> LiveEndpoint:
    configuration = names.configuration(PLATFORM, name, one.name)
    count = instances or one.instances or None
    return LiveEndpoint(names.endpoint(PLATFORM, name), status, configuration, failure, instances=count)


def run_of(
    wanted: Project, status: RunStatus = RunStatus.FINISHED, *, run_id: str = "run-1", models: int = 1
) -> TrainingRun:
    logged = tuple(f"m-{number}" for number in range(models))
    return TrainingRun(
        run_id, wanted.source.digest, wanted.training.revision, status, 1_000, logged, registered=Noted()
    )


def job_of(wanted: Project, status: JobStatus = JobStatus.ACTIVE, reason: str = "", created: int = 1_000) -> Job:
    return Job("job-1", wanted.name, wanted.source.digest[:12], status, created, reason)


def converged(wanted: Project, *, kept: tuple[int, ...] = (), **more: Any) -> ObservedProject:
    """A project that is trained, and serves what is pinned; `kept` are versions that were live before."""
    pin = wanted.deployment.version if wanted.deployment else 1
    endpoint = wanted.deployment.endpoint if wanted.deployment else REALTIME
    releases = tuple(release(version, wanted.name, endpoint) for version in (pin, *kept))
    state: dict[str, Any] = {
        "training": training_stack(wanted),
        "deployment": deployment_stack(*releases, wanted=wanted),
        "endpoint": live(releases[0], name=wanted.name),
        "runs": (run_of(wanted),),
        "versions": tuple(ModelVersion(number, "run-1") for number in range(1, max(pin, *kept, 1) + 1)),
        "training_images": frozenset({wanted.source.digest[:12]}),
        "model_images": {one.tag: StoredImage() for one in releases},
    }
    if wanted.deployment is None:
        state |= {"deployment": None, "endpoint": None, "model_images": {}}
    return ObservedProject(wanted.name, **(state | more))


NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
HOLDER = Holder("ann", "box", "here", 1, "boot+1", "push", "https://ci.test/1", "c" * 40)


def record(*projects: ProjectRecord, commit: str = "c" * 40, code: int = 0, error: str = "", **more: Any) -> Record:
    started, ended = "2026-01-01T12:00:00+00:00", "2026-01-01T12:00:09+00:00"
    origin = {"commit": commit, "author": "Ann", "actor": "ann", "trigger": "push", "url": "https://ci.test/1"}
    run = "20260101T120000Z-00000001"
    made = Record(run, started, ended, **origin, fence=1, plan="", exit_code=code, projects=projects, error=error)
    return replace(made, **more)
