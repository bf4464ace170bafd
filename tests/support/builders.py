"""Short ways to say a state in a test: everything has a default, a test names what it is about."""

import hashlib
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
from reconciler.core.observed import (
    DeploymentStack,
    Job,
    JobStatus,
    LiveEndpoint,
    ModelVersion,
    ObservedProject,
    ObservedState,
    RunStatus,
    TrainingRun,
    TrainingStack,
)
from reconciler.core.plan import plan
from reconciler.core.release import Release

ACCOUNT = "123456789012"
PLATFORM = Platform("acme", "test", "eu-west-1", "acme-test-tfstate", "http://mlflow.test")
CODE = StackCode("p" * 12, "t" * 12, "d" * 12)
GUARDRAILS = {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "5xx"}]}}
REALTIME = RealtimeEndpoint("ml.m5.large", 1)


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
    **more: Any,
) -> Project:
    return Project(
        name=name,
        model=name,
        source=Source(f"ml-projects/{name}", digest(f"{name}/{source}/{revision}"), "c" * 40),
        training=Training(Resources(1, memory), Compute.FARGATE, 3600, 1, run, revision),
        deployment=Deployment(pin, endpoint, keep) if pin else None,
        **more,
    )


def desired(*projects: Project, retire_limit: int = 1) -> DesiredState:
    return DesiredState(PLATFORM, CODE, tuple(sorted(projects, key=lambda p: p.name)), retire_limit)


def observed(*projects: ObservedProject, platform: bool = True, **more: Any) -> ObservedState:
    spec = {"vpc_id": "", "subnet_ids": [], "max_vcpus": 64, "code_digest": CODE.platform}
    return ObservedState(ACCOUNT, spec if platform else None, {p.name: p for p in projects}, **more)


def release(version: int, name: str = "churn", endpoint: Endpoint = REALTIME) -> Release:
    repository = names.model_repository(PLATFORM, name)
    return Release(version, names.image(ACCOUNT, PLATFORM.region, repository, f"v{version}"), endpoint)


def training_stack(wanted: Project) -> TrainingStack:
    """The stack as it is after its own provisioning, so that no test repeats the specification."""
    untouched = observed(ObservedProject(wanted.name))
    actions = plan(desired(wanted), untouched).projects[0].actions
    return TrainingStack(next(action.spec for action in actions if isinstance(action, ProvisionTraining)))


def deployment_stack(*releases: Release, live: Release | None = None, owner: str = "") -> DeploymentStack:
    chosen = (live or releases[0]).name if releases else ""
    spec = {
        "owner": owner,
        "releases": [one.to_variable() for one in releases],
        "live": chosen,
        "code_digest": CODE.deployment,
    }
    return DeploymentStack(spec, releases, chosen or None, GUARDRAILS)


def live(one: Release, status: str = "InService", failure: str | None = None, name: str = "churn") -> LiveEndpoint:
    configuration = names.configuration(PLATFORM, name, one.name)
    return LiveEndpoint(names.endpoint(PLATFORM, name), status, configuration, failure)


def run_of(
    wanted: Project, status: RunStatus = RunStatus.FINISHED, *, run_id: str = "run-1", models: int = 1
) -> TrainingRun:
    logged = tuple(f"m-{number}" for number in range(models))
    return TrainingRun(run_id, wanted.source.digest, wanted.training.revision, status, 1_000, logged)


def job_of(wanted: Project, status: JobStatus = JobStatus.ACTIVE, reason: str = "", created: int = 1_000) -> Job:
    return Job("job-1", wanted.name, wanted.source.digest[:12], status, created, reason)


def converged(wanted: Project, *, kept: tuple[int, ...] = (), **more: Any) -> ObservedProject:
    """A project that is trained, and serves what is pinned; `kept` are versions that were live before."""
    pin = wanted.deployment.version if wanted.deployment else 1
    endpoint = wanted.deployment.endpoint if wanted.deployment else REALTIME
    releases = tuple(release(version, wanted.name, endpoint) for version in (pin, *kept))
    state: dict[str, Any] = {
        "training": training_stack(wanted),
        "deployment": deployment_stack(*releases, owner=wanted.owner),
        "endpoint": live(releases[0], name=wanted.name),
        "runs": (run_of(wanted),),
        "versions": tuple(ModelVersion(number, "run-1") for number in range(1, max(pin, *kept, 1) + 1)),
        "training_images": frozenset({wanted.source.digest[:12]}),
        "model_images": frozenset(f"v{one.version}" for one in releases),
    }
    if wanted.deployment is None:
        state |= {"deployment": None, "endpoint": None, "model_images": frozenset()}
    return ObservedProject(wanted.name, **(state | more))
