"""Does the endpoint serve the pinned version, and what has to be done about it?"""

from reconciler.core.actions import Cause, Change, Deploy, ProvisionDeployment, Repair, RetireDeployment, Update
from reconciler.core.adoption import is_wanted, plan_adopted, serves_as_adopted
from reconciler.core.alarms import RollbackAlarms
from reconciler.core.case import Case, Context
from reconciler.core.desired import Project
from reconciler.core.diff import changes
from reconciler.core.names import configuration, log_group
from reconciler.core.observed import LiveEndpoint, ObservedProject
from reconciler.core.outcome import NO_REASON, remedy_of
from reconciler.core.release import Release
from reconciler.core.rollout import alarms_of_the_same, another_model, build, empty_spec, restore, spec, update
from reconciler.core.since import since
from reconciler.core.strays import EXISTS, stray_endpoint
from reconciler.core.verdict import Health, Part, Pending, Problem

STUCK = {
    "OutOfService": "and nothing answers",
    "UpdateRollbackFailed": "and some of its instances run the old release, some the new one",
}
"""Endpoint statuses that only a person can judge, and what they mean."""


def plan_deployment(project: Project, seen: ObservedProject, context: Context) -> Part:
    """Decide what a project's deployment needs."""
    if busy := passing(seen, _awaited(project, seen, context)):
        return busy
    if seen.endpoint and _is_foreign(seen):
        return _foreign(project, seen.endpoint)
    if project.deployment is None:
        retire = RetireDeployment(project.name, "its deployment was deleted from the manifest")
        return Part((retire,), synced=False) if seen.deployment else Part()
    case = Case.of(project, project.deployment, seen, context)
    if (untouched := serves_as_adopted(seen)) and is_wanted(case, untouched):
        return Part()
    stopped = _stuck(seen) or _quarantined(case) or _unavailable(case) or _homeless(case)
    return stopped or (_absent(case) if seen.endpoint is None else _present(case, seen.endpoint))


def passing(seen: ObservedProject, awaited: Release | None = None) -> Part | None:
    """An endpoint on the move is waited for, whatever is to become of it: `awaited`, when it is what is wanted."""
    endpoint = seen.endpoint
    if endpoint is None or not endpoint.passing:
        return None
    if endpoint.overdue:
        what = f"endpoint {endpoint.name} has been {endpoint.status} for more than two hours"
        remedy = f"look at it in the SageMaker console, and at the log group {log_group(endpoint.name)}"
        return Part(problems=(Problem(what, remedy),), synced=False, health=Health.DEGRADED)
    what = f"endpoint {endpoint.name} is {endpoint.status}{since(endpoint.changing_since or endpoint.modified)}"
    pending = Pending(what, endpoint=endpoint.name, project=seen.name, release=awaited)
    return Part(pending=(pending,), synced=False, health=Health.PROGRESSING)


def _awaited(project: Project, seen: ObservedProject, context: Context) -> Release | None:
    """The pinned release, when it is the one that the endpoint changes to."""
    if not (project.deployment and seen.deployment and seen.endpoint and seen.endpoint.coming):
        return None
    release = Case.of(project, project.deployment, seen, context).release
    wanted = configuration(context.desired.platform, project.name, release.name)
    return release if seen.endpoint.coming == wanted else None


def _stuck(seen: ObservedProject) -> Part | None:
    endpoint = seen.endpoint
    if endpoint is None or endpoint.status not in STUCK:
        return None
    what = f"endpoint {endpoint.name} is {endpoint.status}, {STUCK[endpoint.status]}: {endpoint.failure or NO_REASON}"
    remedy = (
        "it is left as it is: update it to one of its two configurations or delete it, in the SageMaker console, "
        "and reconcile"
    )
    return Part(problems=(Problem(what, remedy),), synced=False, health=Health.DEGRADED)


def _is_foreign(seen: ObservedProject) -> bool:
    """Whether somebody else made the endpoint. One that is in a state is ours, and so is one with our tags."""
    stray = stray_endpoint(seen)
    return not stray.ours if stray else seen.deployment is None


def _foreign(project: Project, endpoint: LiveEndpoint) -> Part:
    what = f"an endpoint named {endpoint.name} exists that this platform did not make; it is left alone"
    remedy = f"take it over: reconcile adopt {project.title}, or give the project another name, or delete it"
    problem = Problem(what, remedy)
    return Part(problems=(problem,), synced=project.deployment is None, health=Health.DEGRADED)


def _quarantined(case: Case) -> Part | None:
    refusal = next((one for one in case.seen.refusals if one.release == case.release.identity), None)
    if refusal is None or case.context.retry or case.serving:
        return None
    return _degraded(case, refusal.reason, refusal.log)


def _degraded(case: Case, reason: str, log: str = "") -> Part:
    served = f"version {case.served.version}" if case.served else "what it was"
    serving = f"{served} keeps serving" if case.in_service else "nothing serves"
    what = f"version {case.wanted.version} was refused by SageMaker, {serving}: {reason}"
    remedy = f"pin another version, or try this one again: reconcile retry {case.project.title}"
    return Part(problems=(Problem(what, remedy, log),), synced=False, health=Health.DEGRADED)


def _unavailable(case: Case) -> Part | None:
    if case.available or case.serves(case.release):
        return None
    version, newest = case.wanted.version, max((known.number for known in case.seen.versions), default=0)
    if case.context.training and version > newest:
        wait = f"deploy version {version} as soon as the training has registered it"
        return Part(waits=(wait,), synced=False, health=_meanwhile(case, Health.PROGRESSING))
    known = f"the newest is {newest}" if newest else "the model has no version yet"
    if len(case.namesakes) > 1:
        known += f", and of the images {', '.join(case.namesakes)} nothing tells which model is meant"
    problem = Problem(
        f"version {version} of model {case.project.model} does not exist; {known}",
        "pin a version that exists, or train one",
    )
    return Part(problems=(problem,), synced=False, health=Health.DEGRADED)


def _homeless(case: Case) -> Part | None:
    if not case.wanted.vpc or case.release.vpc:
        return None
    wait = f"deploy version {case.wanted.version} as soon as the platform's network stands"
    return Part(waits=(wait,), synced=False, health=_meanwhile(case, Health.MISSING))


def _meanwhile(case: Case, without: Health) -> Health:
    """Health while what is pinned cannot be deployed yet; `without` is that of a project that has no endpoint."""
    if case.seen.endpoint is None:
        return without
    return Health.HEALTHY if case.seen.endpoint.answers else Health.DEGRADED


def _absent(case: Case) -> Part:
    """There is no endpoint."""
    if case.asked:
        repair = Repair(case.project.name, "the endpoint is gone", spec(case), case.release)
        return Part((*build(case, Cause.DRIFTED), repair), synced=False, health=Health.MISSING)
    reason = another_model(case) or f"version {case.wanted.version} is pinned"
    deploy = Deploy(case.project.name, reason, spec(case), case.release)
    # A stack without a specification is one whose first apply failed: its repository may be missing.
    provision = () if case.stack.spec else (_first(case),)
    return Part((*provision, *build(case), deploy), synced=False, health=Health.MISSING)


def _present(case: Case, endpoint: LiveEndpoint) -> Part:
    """There is an endpoint, and it is not on the move."""
    if stray := stray_endpoint(case.seen):
        return plan_adopted(case, endpoint, stray.adoption) if stray.adoption else _orphaned(case, endpoint)
    if not case.asked:
        return Part(update(case, endpoint), synced=False, health=_meanwhile(case, Health.MISSING))
    return _asked(case, endpoint)


def _asked(case: Case, endpoint: LiveEndpoint) -> Part:
    """The pinned release is the one that was asked for last."""
    reason = endpoint.failure or NO_REASON
    if endpoint.status == "Failed":
        return _again(case, endpoint, reason) if remedy_of(reason) else _degraded(case, reason)
    if case.serves(case.release):
        return _settings(case)
    if case.served and endpoint.failure:
        return _again(case, endpoint, reason) if remedy_of(reason) else _degraded(case, reason)
    reason = f"the endpoint was pointed at {endpoint.configuration} by somebody else"
    alarms = RollbackAlarms(case.seen.rollback_alarms, despite=True)
    repair = Repair(case.project.name, reason, spec(case), case.release, alarms)
    return Part((*build(case, Cause.DRIFTED), *restore(case), repair), synced=False)


def _again(case: Case, endpoint: LiveEndpoint, reason: str) -> Part:
    """AWS is at fault and not the release: it is tried again by every run."""
    move = update(case, endpoint, f"AWS could not bring it up: {reason}")
    return Part(move, synced=False, health=Health.DEGRADED)


def _orphaned(case: Case, endpoint: LiveEndpoint) -> Part:
    """It is ours and no state holds it: it is imported, and moved where it has to."""
    provision = () if case.stack.spec else (_first(case),)
    move = update(case, endpoint, f"it {EXISTS}")
    return Part((*provision, *move), synced=False)


def _first(case: Case) -> ProvisionDeployment:
    return ProvisionDeployment(case.project.name, "first deployment", empty_spec(case))


def _settings(case: Case) -> Part:
    """The right release serves; the rest of the stack may still have changed."""
    wanted = spec(case)
    settings = {key: value for key, value in wanted.items() if key not in ("releases", "live")}
    differing = changes({key: case.stack.spec.get(key) for key in settings}, settings)
    if differing or case.seen.refusals:
        reason = "settings" if differing else "it serves, and older refusals are to be forgotten"
        alarms = _alarms_of_settings(case, differing)
        move = Update(case.project.name, reason, wanted, case.release, case.release, changes=differing, alarms=alarms)
        return Part((*restore(case, Cause.CHANGED), move), synced=False)
    restored = restore(case)
    return Part(restored, synced=not restored)


def _alarms_of_settings(case: Case, differing: tuple[Change, ...]) -> RollbackAlarms:
    """Those that would end the update that SageMaker makes of changed guardrails, to the very release that serves.

    An endpoint whose last update went without an alarm goes on without it as long as that fires.
    """
    names, endpoint = case.seen.rollback_alarms, case.seen.endpoint
    if any(map(_changes_guardrails, differing)) or endpoint is None:
        return RollbackAlarms(names, despite=True)
    return alarms_of_the_same(names, endpoint)


def _changes_guardrails(change: Change) -> bool:
    if change.field == "alarms.latency_p99":
        return bool(change.before) != bool(change.after)
    return change.field.startswith("rollout")
