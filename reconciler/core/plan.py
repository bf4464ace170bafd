"""The planner: a pure function of what git asks for and what the world holds."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from reconciler.core.actions import ProjectAction, ProvisionPlatform, RetireDeployment, RetireTraining
from reconciler.core.adoption import serves_as_adopted
from reconciler.core.case import Context, served_release
from reconciler.core.deployment import passing, plan_deployment
from reconciler.core.desired import Demands, DesiredState, Project, Source
from reconciler.core.diff import changes
from reconciler.core.drift import under_policy
from reconciler.core.incident import alarm_notes, health_of
from reconciler.core.observed import JobStatus, Network, ObservedProject, ObservedState, Unread
from reconciler.core.specs import platform_spec, server_spec, shares_servers_network
from reconciler.core.strays import environment_notes, notes, platform_taking_in, taking_in
from reconciler.core.trained import newest_version, settled_versions
from reconciler.core.training import plan_training, training_notes, training_state
from reconciler.core.verdict import Health, Part, Plan, Problem, ProjectPlan, Sync

NOTHING = Demands()
NETWORK_SETTINGS = frozenset({"vpc_id", "subnet_ids", "cidr", "zones"})
"""Settings of the platform stack that make its network another one."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What the plan of every project rests on."""

    desired: DesiredState
    observed: ObservedState
    demands: Demands
    network: Network | None


def plan(desired: DesiredState, observed: ObservedState, demands: Demands = NOTHING) -> Plan:
    """Decide everything that has to be done.

    The answer depends on the two states and the demands alone, and on no order in them.
    """
    observed = _with_server(desired, observed)
    platform = _plan_platform(desired, observed)
    ground = Ground(desired, observed, demands, _network(platform, observed))
    wanted = {project.name: project for project in desired.projects}
    everyone = sorted({*wanted, *(name for name, seen in observed.projects.items() if _left_something(seen))})
    decided = (_decide(wanted.get(name), _seen(observed, name), ground) for name in everyone)
    projects = tuple(sorted(decided, key=lambda project: project.name))
    problems = tuple(_unreadable(unread) for unread in observed.unread)
    return Plan(platform, projects, problems, (*_server_notes(desired, observed), *environment_notes(observed)))


def _decide(wanted: Project | None, seen: ObservedProject, ground: Ground) -> ProjectPlan:
    match wanted, (*ground.observed.unread, *seen.unread):
        case None, ():
            return _retire(seen, ground.desired)
        case Project() as project, ():
            return _reconcile(project, seen, ground)
        case _, unread:
            return _unknown(wanted, seen, unread)


def _reconcile(project: Project, seen: ObservedProject, ground: Ground) -> ProjectPlan:
    desired, account, demands = ground.desired, ground.observed.account, ground.demands
    asked = project.title in demands.train
    given = demands.parameters if asked else ()
    state = training_state(project, seen, ground.observed.at, force=asked, given=given)
    training = plan_training(project, seen, state, desired, account, given)
    retry = project.title in demands.retry
    despite_alarm = project.title in demands.despite_alarm
    context = Context(desired, account, state.progress.makes_version, retry, ground.network, despite_alarm)
    settled = replace(seen, versions=settled_versions(seen)) if training.pending else seen
    deployment = under_policy(plan_deployment(project, settled, context), project.drift_policy)
    both = (training, deployment)
    actions = taking_in(training.actions + deployment.actions, seen.strays)
    return ProjectPlan(
        name=project.title,
        was=_was(project),
        sync=Sync.SYNCED if all(part.synced for part in both) else Sync.OUT_OF_SYNC,
        health=max((*(part.health for part in both), health_of(seen)), key=lambda health: health.rank),
        actions=actions,
        pending=training.pending + deployment.pending,
        problems=training.problems + deployment.problems,
        waits=training.waits + deployment.waits,
        notes=(
            *_notes(project, seen, state.progress.makes_version),
            *training_notes(project, seen, state),
            *notes(seen, actions),
            *alarm_notes(seen, actions),
        ),
        tolerated=deployment.tolerated,
        desired_version=project.deployment.version if project.deployment else None,
        live_version=_live_version(seen, desired),
    )


def _was(project: Project) -> str:
    return project.name if project.renamed else ""


def _leftover(name: str, desired: DesiredState) -> str:
    """What a project is called whose lines are gone: its name, unless another one is called so since."""
    return f"{name}_retired" if any(project.title == name for project in desired.projects) else name


def _live_version(seen: ObservedProject, desired: DesiredState) -> int | None:
    if seen.endpoint is None or not seen.endpoint.answers:
        return None
    served = served_release(seen, desired.platform) or serves_as_adopted(seen)
    return served.version if served else None


def _notes(project: Project, seen: ObservedProject, makes_version: bool) -> Iterator[str]:  # noqa: FBT001
    yield from source_notes(project.source)
    newest = newest_version(project, seen)
    if project.deployment and newest > project.deployment.version:
        yield f"version {newest} comes from the source as it is now; to make it live, pin it: version: {newest}"
    pin = project.deployment.version if project.deployment else 0
    if seen.deployment and seen.deployment.live and pin not in {0, *(version.number for version in seen.versions)}:
        again = (
            f": should a training make another version {pin}, that goes live, as it is pinned" if makes_version else ""
        )
        yield f"version {pin} of model {project.model} is in MLflow no more{again}"


def source_notes(source: Source) -> Iterator[str]:
    """What a person should know of a project's files."""
    for why, files in (("uncommitted", source.uncommitted), ("ignored by git", source.ignored)):
        if files:
            shown = ", ".join(files[:3]) + (f" and {len(files) - 3} more" if len(files) > 3 else "")
            yield f"{why}, so not part of any image: {shown}"
    yield from source.notes


def _retire(seen: ObservedProject, desired: DesiredState) -> ProjectPlan:
    part = passing(seen) or Part(_retirements(seen), synced=False)
    return ProjectPlan(
        name=_leftover(seen.name, desired),
        sync=Sync.OUT_OF_SYNC,
        health=part.health,
        actions=part.actions,
        pending=part.pending,
        problems=part.problems,
        live_version=_live_version(seen, desired),
    )


def _retirements(seen: ObservedProject) -> tuple[ProjectAction, ...]:
    reason = "its lines were deleted from the manifest"
    jobs = tuple(job.id for job in seen.jobs if job.status is JobStatus.ACTIVE)
    deployment = (RetireDeployment(seen.name, reason),) if seen.deployment else ()
    training = (RetireTraining(seen.name, reason, jobs),) if seen.training else ()
    return (*deployment, *training)


def _unknown(wanted: Project | None, seen: ObservedProject, unread: tuple[Unread, ...]) -> ProjectPlan:
    own = tuple(_unreadable(one) for one in unread if one in seen.unread)
    pinned = wanted.deployment.version if wanted and wanted.deployment else None
    title, was = (wanted.title, _was(wanted)) if wanted else (seen.name, "")
    return ProjectPlan(title, Sync.UNKNOWN, Health.DEGRADED, problems=own, desired_version=pinned, was=was)


def _unreadable(unread: Unread) -> Problem:
    return Problem(f"{unread.source} could not be read: {unread.reason}", "nothing that depends on it is changed")


def _plan_platform(desired: DesiredState, observed: ObservedState) -> ProvisionPlatform | None:
    if observed.unread:
        return None
    spec = platform_spec(desired, observed.server)
    taken = platform_taking_in(spec, observed.strays)
    if observed.platform is None:
        return ProvisionPlatform("never applied", taken) if desired.projects else None
    if not observed.platform.spec:
        return ProvisionPlatform("its last apply did not come to its end", taken)
    differing = changes(observed.platform.spec, spec)
    return ProvisionPlatform("changed", taken, differing) if differing else None


def _network(platform: ProvisionPlatform | None, observed: ObservedState) -> Network | None:
    """The platform's network, unless it is about to become another one."""
    moving = platform and {change.field.split("[")[0] for change in platform.changes} & NETWORK_SETTINGS
    return observed.platform.network if observed.platform and not moving else None


def _with_server(desired: DesiredState, observed: ObservedState) -> ObservedState:
    """Nothing can be planned before the MLflow server stands whose network is to be shared."""
    missing = observed.server is None or observed.server.network is None
    if not (missing and shares_servers_network(desired.platform)):
        return observed
    unread = Unread("the network of the MLflow server", "it does not stand yet: make mlflow-server")
    return replace(observed, unread=(*observed.unread, unread))


def _server_notes(desired: DesiredState, observed: ObservedState) -> tuple[str, ...]:
    if desired.platform.server is None or observed.server is None:
        return ()
    applied = observed.server.spec
    given = {key: applied.get(key) for key in ("image", "vpn")}
    differing = changes(applied, {**server_spec(desired, "", {}), **given})
    fields = ", ".join(change.field for change in differing)
    return (f"the MLflow server is not as the manifest says ({fields}): make mlflow-server",) if differing else ()


def _seen(observed: ObservedState, name: str) -> ObservedProject:
    return observed.projects.get(name) or ObservedProject(name)


def _left_something(seen: ObservedProject) -> bool:
    return bool(seen.training or seen.deployment or seen.unread)
