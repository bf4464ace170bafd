"""Does the endpoint serve the pinned version, and what has to be done about it?"""

from reconciler.core.actions import Cause, Deploy, ProvisionDeployment, Repair, RetireDeployment, Update
from reconciler.core.case import Case, Context
from reconciler.core.desired import Project
from reconciler.core.diff import changes
from reconciler.core.observed import LiveEndpoint, ObservedProject
from reconciler.core.rollout import build, empty_spec, restore, spec, update
from reconciler.core.verdict import Health, Part, Pending, Problem

STUCK = frozenset({"OutOfService", "UpdateRollbackFailed"})
"""Endpoint statuses that only a person can judge."""


def plan_deployment(project: Project, seen: ObservedProject, context: Context) -> Part:
    """Decide what a project's deployment needs."""
    if busy := passing(seen):
        return busy
    if seen.endpoint and not seen.deployment:
        return _foreign(project, seen.endpoint)
    if project.deployment is None:
        retire = RetireDeployment(project.name, "its deployment was deleted from the manifest")
        return Part((retire,), synced=False) if seen.deployment else Part()
    case = Case.of(project, project.deployment, seen, context)
    stopped = _quarantined(case) or _unavailable(case) or _homeless(case)
    return stopped or (_absent(case) if seen.endpoint is None else _present(case, seen.endpoint))


def passing(seen: ObservedProject) -> Part | None:
    """An endpoint on the move is waited for, whatever is to become of it."""
    endpoint = seen.endpoint
    if endpoint is None or not endpoint.passing:
        return None
    pending = Pending(f"endpoint {endpoint.name} is {endpoint.status}", endpoint=endpoint.name)
    return Part(pending=(pending,), synced=False, health=Health.PROGRESSING)


def _foreign(project: Project, endpoint: LiveEndpoint) -> Part:
    what = f"an endpoint named {endpoint.name} exists that this platform did not make; it is left alone"
    problem = Problem(what, f"delete it, or give the project another name than {project.title}")
    return Part(problems=(problem,), synced=project.deployment is None, health=Health.DEGRADED)


def _quarantined(case: Case) -> Part | None:
    refusal = next((one for one in case.seen.refusals if one.release == case.release.identity), None)
    if refusal is None or case.context.retry or case.serving:
        return None
    return _degraded(case, refusal.reason)


def _degraded(case: Case, reason: str) -> Part:
    serving = f"version {case.served.version} keeps serving" if case.served and case.in_service else "nothing serves"
    what = f"version {case.wanted.version} was refused by SageMaker, {serving}: {reason}"
    remedy = f"pin another version, or try this one again: reconcile retry {case.project.title}"
    return Part(problems=(Problem(what, remedy),), synced=False, health=Health.DEGRADED)


def _unavailable(case: Case) -> Part | None:
    if case.available or case.serves(case.release):
        return None
    version, newest = case.wanted.version, max((known.number for known in case.seen.versions), default=0)
    if case.context.training and version > newest:
        wait = f"deploy version {version} as soon as the training has registered it"
        health = Health.PROGRESSING if case.seen.endpoint is None else Health.HEALTHY
        return Part(waits=(wait,), synced=False, health=health)
    known = f"the newest is {newest}" if newest else "the model has no version yet"
    problem = Problem(
        f"version {version} of model {case.project.model} does not exist; {known}",
        "pin a version that exists, or train one",
    )
    return Part(problems=(problem,), synced=False, health=Health.DEGRADED)


def _homeless(case: Case) -> Part | None:
    if not case.wanted.vpc or case.release.vpc:
        return None
    wait = f"deploy version {case.wanted.version} as soon as the platform's network stands"
    return Part(waits=(wait,), synced=False, health=Health.MISSING if case.seen.endpoint is None else Health.HEALTHY)


def _absent(case: Case) -> Part:
    """There is no endpoint."""
    if case.asked:
        repair = Repair(case.project.name, "the endpoint is gone", spec(case), case.release)
        return Part((*build(case, Cause.DRIFTED), repair), synced=False, health=Health.MISSING)
    first = ProvisionDeployment(case.project.name, "first deployment", empty_spec(case))
    deploy = Deploy(case.project.name, f"version {case.wanted.version} is pinned", spec(case), case.release)
    # A stack without a specification is one whose first apply failed: its repository may be missing.
    provision = () if case.stack.spec else (first,)
    return Part((*provision, *build(case), deploy), synced=False, health=Health.MISSING)


def _present(case: Case, endpoint: LiveEndpoint) -> Part:
    """There is an endpoint, and it is not on the move."""
    if endpoint.status in STUCK:
        what = f"endpoint {endpoint.name} is {endpoint.status}: {endpoint.failure or 'SageMaker gives no reason'}"
        problem = Problem(what, "it is left as it is; look at it in the SageMaker console")
        return Part(problems=(problem,), synced=False, health=Health.DEGRADED)
    if endpoint.status == "Failed":
        reason = endpoint.failure or "SageMaker gives no reason"
        return (
            _degraded(case, reason)
            if case.asked
            else Part(update(case, endpoint), synced=False, health=Health.DEGRADED)
        )
    if not case.asked:
        return Part(update(case, endpoint), synced=False)
    if case.serves(case.release):
        return _settings(case)
    if case.served and endpoint.failure:
        return _degraded(case, endpoint.failure)
    reason = f"the endpoint was pointed at {endpoint.configuration} by somebody else"
    repair = Repair(case.project.name, reason, spec(case), case.release)
    return Part((*build(case, Cause.DRIFTED), *restore(case), repair), synced=False)


def _settings(case: Case) -> Part:
    """The right release serves; the rest of the stack may still have changed."""
    wanted = spec(case)
    settings = {key: value for key, value in wanted.items() if key not in ("releases", "live")}
    differing = changes({key: case.stack.spec.get(key) for key in settings}, settings)
    move = Update(case.project.name, "settings", wanted, case.release, case.release, changes=differing)
    if differing:
        return Part((*restore(case, Cause.CHANGED), move), synced=False)
    restored = restore(case)
    return Part(restored, synced=not restored)
