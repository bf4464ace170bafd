"""Read the world into one ObservedState. Reading changes nothing, and a failed read is never an empty answer."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any, TypeVar

from reconciler.core import names
from reconciler.core.alarms import IGNORED_ALARMS, Alarm
from reconciler.core.desired import DesiredState, Platform, Project
from reconciler.core.homes import PLATFORM, Home, Kind, Thing
from reconciler.core.observed import (
    DeploymentStack,
    Job,
    LiveEndpoint,
    ModelVersion,
    Network,
    ObservedProject,
    ObservedState,
    PlatformStack,
    Refusal,
    ServerStack,
    StoredImage,
    TrainingStack,
    Unread,
)
from reconciler.core.release import Release
from reconciler.core.telling import told as redacted
from reconciler.core.trained import without_version
from reconciler.core.training import unexplained_job
from reconciler.errors import ReadFailed
from reconciler.perform.training import log_tail
from reconciler.ports import StackState, World
from reconciler.strays import Strays, find_strays

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
    things: tuple[Thing, ...]
    unsearched: tuple[Unread, ...]
    """Why there may be more things."""


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
    everyone = sorted({*wanted, *names.projects_of(desired.platform.environment, shared.stacks)})
    strays = _strays(desired, account, shared, world)
    others = strays.of_nobody(everyone)
    with ThreadPoolExecutor(THREADS) as pool:
        seen = pool.map(
            lambda name: _project(name, wanted.get(name), desired.platform, shared, strays, world), everyone
        )
        projects = {project.name: project for project in _with_alarms(tuple(seen), world)}
    observed = ObservedState(
        account=account,
        platform=_platform(shared.stacks.get(names.stack_key(desired.platform.environment, "platform"))),
        server=server_stack(shared.stacks.get(names.stack_key(desired.platform.environment, "mlflow-server"))),
        projects=projects,
        unread=(*shared.unread, *(unread for place, unread in others.unread if _platforms(place))),
        strays=others.found,
        unsearched=(*shared.unsearched, *(unread for place, unread in others.unread if not _platforms(place))),
        at=int(world.clock.now().timestamp() * 1000),
    )
    return redacted(observed, world.redact)


def _platforms(place: Home | None) -> bool:
    return place is not None and place.stack == PLATFORM


def _strays(desired: DesiredState, account: str, shared: _Shared, world: World) -> Strays:
    """Nothing is a stray when not every state could be read: nobody would know what they hold."""
    if shared.unread:
        return Strays()
    endpoints = (Thing(Kind.ENDPOINT, name) for name in shared.endpoints)
    return find_strays(desired, account, (*shared.things, *endpoints), shared.stacks, world)


def _read_shared(platform: Platform, world: World) -> _Shared:
    reader, searcher = _Reader(), _Reader()
    prefix = f"{names.prefix(platform)}-"
    with ThreadPoolExecutor(THREADS) as pool:
        stacks = pool.submit(reader.read, "Terraform state", world.state.stacks, {})
        refusals = pool.submit(reader.read, "the refusals in the state bucket", world.state.refusals, {})
        endpoints = pool.submit(reader.read, "SageMaker", lambda: world.endpoints.find(prefix), {})
        jobs = pool.submit(reader.read, "Batch", lambda: _jobs(platform, prefix, world), {})
        things = pool.submit(searcher.read, "what else there is in AWS", lambda: world.inventory.find(prefix), ())
    unread = tuple(sorted(reader.unread, key=lambda one: one.source))
    return _Shared(
        stacks.result(),
        refusals.result(),
        endpoints.result(),
        jobs.result(),
        unread,
        things.result(),
        tuple(searcher.unread),
    )


def _jobs(platform: Platform, prefix: str, world: World) -> dict[str, tuple[Job, ...]]:
    """Jobs of each project, newest first."""
    found: dict[str, list[Job]] = {}
    for name, job in world.jobs.find(names.queues(platform), prefix):
        if ours := names.project_of_job(platform, name):
            project, digest = ours
            found.setdefault(project, []).append(replace(job, project=project, digest=digest))
    newest_first = {project: sorted(jobs, key=lambda job: (-job.created, job.id)) for project, jobs in found.items()}
    return {project: tuple(jobs) for project, jobs in newest_first.items()}


def _project(
    name: str, wanted: Project | None, platform: Platform, shared: _Shared, strays: Strays, world: World
) -> ObservedProject:
    reader = _Reader(list(strays.unread_of(name)))
    loose = {stray.thing.name for stray in strays.of(name)}
    training = shared.stacks.get(names.project_key(platform.environment, name, "training"))
    deployment = shared.stacks.get(names.project_key(platform.environment, name, "deployment"))

    def images(repository: str, needed: StackState | None, read: Callable[[str], T], nothing: T) -> T:
        if wanted is None or (needed is None and repository not in loose):
            return nothing
        return reader.read(f"ECR {repository}", lambda: read(repository), nothing)

    built, stored = (repository(platform, name) for repository in (names.training_repository, names.model_repository))
    no_tags: frozenset[str] = frozenset()
    no_images: Mapping[str, StoredImage] = {}
    versions = _versions(wanted, reader, world)
    stack = deployment_stack(deployment) if deployment is not None else None
    seen = ObservedProject(
        name=name,
        training=TrainingStack(spec_of(training)) if training is not None else None,
        deployment=stack,
        endpoint=shared.endpoints.get(names.endpoint(platform, name)),
        jobs=shared.jobs.get(name, ()),
        runs=reader.read("MLflow", lambda: world.registry.runs(name), ()) if wanted else (),
        versions=versions,
        training_images=images(built, training, world.images.tags, no_tags),
        model_images=images(stored, deployment, world.images.stored, no_images),
        refusals=shared.refusals.get(name, ()),
        metrics=_metrics(_run_of_pin(wanted, versions, stack.releases if stack else ()), reader, world),
        strays=strays.of(name),
    )
    if wanted and not reader.unread:
        seen = _with_log(_with_nested(seen, wanted, reader, world), wanted, world)
    return replace(seen, unread=tuple(dict.fromkeys(reader.unread)))


def _with_nested(seen: ObservedProject, wanted: Project, reader: _Reader, world: World) -> ObservedProject:
    """With the runs that were begun within the one that is looked at for a version, if it has none of its own."""
    run = without_version(wanted, seen)
    if run is None:
        return seen
    whole = reader.read("MLflow", lambda: world.registry.nested(wanted.name, run), run)
    return replace(seen, runs=tuple(whole if one.id == run.id else one for one in seen.runs))


def _with_log(seen: ObservedProject, wanted: Project, world: World) -> ObservedProject:
    """With the log of the job that says why a project is not trained; that it cannot be read hides nothing else."""
    job = unexplained_job(wanted, seen)
    if job is None:
        return seen
    log, unread = log_tail(job.id, world)
    told = replace(job, log=log, log_unread=unread)
    return replace(seen, jobs=tuple(told if one.id == job.id else one for one in seen.jobs))


def _with_alarms(projects: tuple[ObservedProject, ...], world: World) -> tuple[ObservedProject, ...]:
    """The projects, each with those of its endpoint's rollback alarms that fire: asked for once, for all of them."""
    wanted = sorted({name for project in projects for name in project.rollback_alarms})
    if not wanted:
        return projects
    reader, nothing = _Reader(), tuple[Alarm, ...]()
    alarms = reader.read("CloudWatch", lambda: world.endpoints.alarms(wanted), nothing)
    return tuple(_with_firing(project, alarms, tuple(reader.unread)) for project in projects)


def _with_firing(project: ObservedProject, alarms: tuple[Alarm, ...], unread: tuple[Unread, ...]) -> ObservedProject:
    if not project.rollback_alarms:
        return project
    firing = tuple(one for one in alarms if one.firing and one.name in project.rollback_alarms)
    return replace(project, firing=firing, unread=(*project.unread, *unread))


def _versions(wanted: Project | None, reader: _Reader, world: World) -> tuple[ModelVersion, ...]:
    nothing: tuple[ModelVersion, ...] = ()
    return reader.read("MLflow", lambda: world.registry.versions(wanted.model), nothing) if wanted else nothing


def _run_of_pin(wanted: Project | None, versions: tuple[ModelVersion, ...], kept: tuple[Release, ...]) -> str:
    """The pinned version's run, which a release remembers once the version was deleted; empty: there is none."""
    pin = wanted.deployment.version if wanted and wanted.deployment else None
    registered = (version.run_id for version in versions if version.number == pin)
    remembered = (one.origin.run_id for one in kept if one.version == pin and one.origin)
    return next(chain(registered, remembered), "")


def _metrics(run_id: str, reader: _Reader, world: World) -> Mapping[str, float]:
    """What a run logged."""
    return reader.read("MLflow", lambda: world.registry.metrics(run_id), {}) if run_id else {}


def spec_of(outputs: StackState) -> Mapping[str, Any]:
    """What a stack was last applied with; empty when it never came to its end."""
    spec = outputs.get("spec")
    return spec if isinstance(spec, Mapping) else {}


def applied_with(outputs: StackState) -> Mapping[str, Any]:
    """What a stack was last applied with, with what held for that one time; empty when it never came to its end."""
    spec = spec_of(outputs)
    ignored = outputs.get(IGNORED_ALARMS)
    return {**spec, IGNORED_ALARMS: ignored} if spec and ignored else spec


def _platform(outputs: StackState | None) -> PlatformStack | None:
    return PlatformStack(spec_of(outputs), _network(outputs)) if outputs is not None else None


def server_stack(outputs: StackState | None) -> ServerStack | None:
    """The MLflow server's stack, from its outputs."""
    if outputs is None:
        return None
    return ServerStack(spec_of(outputs), _network(outputs), str(outputs.get("vpn_endpoint_id") or ""))


def _network(outputs: StackState) -> Network | None:
    network = outputs.get("network")
    if not network:
        return None
    groups = [outputs["security_group_id"]] if outputs.get("security_group_id") else []
    return Network(network["vpc_id"], tuple(network["subnet_ids"]), tuple(groups))


def deployment_stack(outputs: StackState) -> DeploymentStack:
    """A project's deployment stack, from its outputs."""
    spec = spec_of(outputs)
    # `spec` is of the last apply that ended well; a later one that failed may have left more releases.
    known = outputs.get("releases") or spec.get("releases", ())
    releases = tuple(Release.from_variable(dict(release)) for release in known)
    return DeploymentStack(spec, releases, spec.get("live") or None, outputs.get("guardrails"))
