"""Read the world into one ObservedState. Reading changes nothing, and a failed read is never an empty answer."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

from reconciler.core import names
from reconciler.core.desired import DesiredState, Platform, Project
from reconciler.core.observed import (
    DeploymentStack,
    Job,
    LiveEndpoint,
    ObservedProject,
    ObservedState,
    Refusal,
    TrainingStack,
    Unread,
)
from reconciler.core.release import Release
from reconciler.errors import ReadFailed
from reconciler.ports import StackState, World

T = TypeVar("T")
THREADS = 8


@dataclass(frozen=True, slots=True)
class _Shared:
    """What is read once for all projects."""

    stacks: Mapping[str, StackState]
    refusals: Mapping[str, tuple[Refusal, ...]]
    endpoints: Mapping[str, LiveEndpoint]
    jobs: Mapping[str, tuple[Job, ...]]
    unread: tuple[Unread, ...]


@dataclass(slots=True)
class _Reader:
    """Collects what could not be read, so that one failure hides neither the others nor itself."""

    unread: list[Unread] = field(default_factory=list)

    def read(self, source: str, call: Callable[[], T], otherwise: T) -> T:
        try:
            return call()
        except ReadFailed as error:
            self.unread.append(Unread(source, str(error)))
            return otherwise


def observe(desired: DesiredState, world: World) -> ObservedState:
    """Read everything that the planner needs. Raises ReadFailed when not even the account can be told."""
    account = world.account.id()
    shared = _read_shared(desired.platform, world)
    wanted = {project.name: project for project in desired.projects}
    everyone = sorted({*wanted, *_applied(desired.platform, shared.stacks)})
    with ThreadPoolExecutor(THREADS) as pool:
        seen = pool.map(lambda name: _project(name, wanted.get(name), desired.platform, shared, world), everyone)
        projects = {project.name: project for project in seen}
    applied = shared.stacks.get(names.platform_key(desired.platform.environment))
    return ObservedState(account, _spec(applied) if applied is not None else None, projects, shared.unread)


def _read_shared(platform: Platform, world: World) -> _Shared:
    reader = _Reader()
    prefix = f"{names.prefix(platform)}-"
    with ThreadPoolExecutor(THREADS) as pool:
        stacks = pool.submit(reader.read, "Terraform state", world.state.stacks, {})
        refusals = pool.submit(reader.read, "the refusals in the state bucket", world.state.refusals, {})
        endpoints = pool.submit(reader.read, "SageMaker", lambda: world.endpoints.find(prefix), {})
        jobs = pool.submit(reader.read, "Batch", lambda: _jobs(platform, prefix, world), {})
    unread = tuple(sorted(reader.unread, key=lambda one: one.source))
    return _Shared(stacks.result(), refusals.result(), endpoints.result(), jobs.result(), unread)


def _jobs(platform: Platform, prefix: str, world: World) -> dict[str, tuple[Job, ...]]:
    """Jobs of each project, newest first."""
    found: dict[str, list[Job]] = {}
    for name, job in world.jobs.find(names.queues(platform), prefix):
        if ours := names.project_of_job(platform, name):
            project, digest = ours
            found.setdefault(project, []).append(Job(job.id, project, digest, job.status, job.created, job.reason))
    newest_first = {project: sorted(jobs, key=lambda job: (-job.created, job.id)) for project, jobs in found.items()}
    return {project: tuple(jobs) for project, jobs in newest_first.items()}


def _applied(platform: Platform, stacks: Mapping[str, StackState]) -> set[str]:
    """Projects that left a stack."""
    start = f"{platform.environment}/projects/"
    return {key.removeprefix(start).split("/")[0] for key in stacks if key.startswith(start)}


def _project(name: str, wanted: Project | None, platform: Platform, shared: _Shared, world: World) -> ObservedProject:
    reader = _Reader()
    training = shared.stacks.get(names.project_key(platform.environment, name, "training"))
    deployment = shared.stacks.get(names.project_key(platform.environment, name, "deployment"))

    def tags(repository: str, needed: StackState | None) -> frozenset[str]:
        if wanted is None or needed is None:
            return frozenset()
        return reader.read(f"ECR {repository}", lambda: world.images.tags(repository), frozenset())

    return ObservedProject(
        name=name,
        training=TrainingStack(_spec(training)) if training is not None else None,
        deployment=_deployment(deployment) if deployment is not None else None,
        endpoint=shared.endpoints.get(names.endpoint(platform, name)),
        jobs=shared.jobs.get(name, ()),
        runs=reader.read("MLflow", lambda: world.registry.runs(name), ()) if wanted else (),
        versions=reader.read("MLflow", lambda: world.registry.versions(wanted.model), ()) if wanted else (),
        training_images=tags(names.training_repository(platform, name), training),
        model_images=tags(names.model_repository(platform, name), deployment),
        refusals=shared.refusals.get(name, ()),
        unread=tuple(dict.fromkeys(reader.unread)),
    )


def _spec(outputs: StackState) -> Mapping[str, Any]:
    spec = outputs.get("spec")
    return spec if isinstance(spec, Mapping) else {}


def _deployment(outputs: StackState) -> DeploymentStack:
    spec = _spec(outputs)
    # `spec` is of the last apply that ended well; a later one that failed may have left more releases.
    known = outputs.get("releases") or spec.get("releases", ())
    releases = tuple(Release.from_variable(dict(release)) for release in known)
    return DeploymentStack(spec, releases, spec.get("live") or None, outputs.get("guardrails"))
