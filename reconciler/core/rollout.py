"""The actions that bring a release to the endpoint, and what they are applied with."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import takewhile
from typing import Any

from reconciler.core.actions import (
    BuildModelImage,
    Cause,
    Change,
    ProjectAction,
    ProvisionDeployment,
    RestoreGuardrails,
    Update,
)
from reconciler.core.alarms import RollbackAlarms
from reconciler.core.case import Case
from reconciler.core.diff import changes
from reconciler.core.model_image import difference
from reconciler.core.observed import LiveEndpoint, ModelVersion
from reconciler.core.release import Origin, Release
from reconciler.core.specs import deployment_spec

UNGUARDED = "unguarded"
"""Variable of the stack `deployment`: the endpoint has no guardrails, and Terraform would make it anew to add them."""
MOST_KEPT = 41
"""Releases that the stack `deployment` takes (`variables_releases.tf`): ECR has 50 lifecycle rules for a repository."""
ROLLOUT_SECONDS = 3600.0
MOST_BAKE_SECONDS = 3600.0
"""SageMaker, WaitIntervalInSeconds and TerminationWaitInSeconds."""


def update(case: Case, endpoint: LiveEndpoint, reason: str = "") -> tuple[ProjectAction, ...]:
    """Point the endpoint at another release than the one that it serves; a `reason` beats what is read off the two."""
    before, after, another = case.served, case.release, another_model(case)
    back = before is not None and after.version < before.version and not another
    anew = _is_another_kind(before, after)
    despite = back or case.context.despite_alarm or (case.context.retry and _was_refused(case))
    move = Update(
        project=case.project.name,
        reason=reason or another or _why(before, after, endpoint),
        spec=spec(case),
        before=before,
        after=after,
        rollback=back,
        changes=_release_changes(before, after),
        alarms=RollbackAlarms() if anew else _alarms(case, endpoint, despite=despite),
        served_before=_has_served(after, case),
    )
    if anew:
        # Terraform's provider does not wait until an endpoint is gone: a new one of its name would be refused.
        down = ProvisionDeployment(
            case.project.name, "another kind of endpoint takes its place", {**move.spec, "live": ""}
        )
        return (*build(case), down, move)
    if case.seen.firing and not endpoint.guarded and case.stack.guardrails:
        # To give it its guardrails back first is an update that those alarms would end.
        return (*build(case), replace(move, spec={**move.spec, UNGUARDED: True}))
    return (*build(case), *restore(case, Cause.CHANGED), move)


def _alarms(case: Case, endpoint: LiveEndpoint, *, despite: bool) -> RollbackAlarms:
    names = case.seen.rollback_alarms
    return alarms_of_the_same(names, endpoint) if case.served == case.release else RollbackAlarms(names, despite)


def alarms_of_the_same(names: tuple[str, ...], endpoint: LiveEndpoint) -> RollbackAlarms:
    """Alarms of an update to the release that serves: SageMaker makes one only to give it those that it lacks."""
    return RollbackAlarms(tuple(name for name in names if name not in endpoint.alarms), despite=True)


def longest(spec: Mapping[str, Any]) -> float:
    """Seconds that a change of the endpoint may take: SageMaker's own limit, and the old fleet's time after it.

    The limit is the stack's (`rollout.tf`), and also that of Terraform's provider. Without a specification: the
    longest of all.
    """
    rollout = spec.get("rollout") or {}
    return ROLLOUT_SECONDS + 2 * float(rollout.get("bake", MOST_BAKE_SECONDS / 2))


def _is_another_kind(before: Release | None, after: Release) -> bool:
    return before is not None and type(before.endpoint) is not type(after.endpoint)


def _why(before: Release | None, after: Release, endpoint: LiveEndpoint) -> str:
    if endpoint.status == "Failed":
        return "the endpoint failed" if before == after else "the endpoint failed and another version is pinned"
    if before is None:
        return f"version {after.version} is pinned"
    if before == after:
        return "it serves already; Terraform state is brought in line"
    if _is_another_kind(before, after):
        return "another kind of endpoint: it is made anew and does not answer in between"
    if before.version == after.version:
        return "serving configuration changed"
    return "the pin went back" if after.version < before.version else "a newer version is pinned"


def _release_changes(before: Release | None, after: Release) -> tuple[Change, ...]:
    if before is None:
        return ()
    hidden = {"name", "image", "origin"}
    sides = [{k: v for k, v in side.to_variable().items() if k not in hidden} for side in (before, after)]
    return changes(*sides)


def another_model(case: Case) -> str:
    """Why what is to serve is another model than its version's number says to whoever knows what served; empty: it is
    not."""
    after, served = case.release, case.served
    kept = tuple(one for one in case.stack.releases if one.version == after.version)
    if served and served.version == after.version:
        other = served if served.image != after.image else None
        return _is_another(after, "the one that serves", other.origin) if other else ""
    if any(one.image == after.image for one in kept):
        return ""
    if kept:
        return _is_another(after, "the one that served before", kept[0].origin)
    others = ", ".join(tag for tag in case.namesakes if tag != after.tag)
    return _is_another(after, f"the one that image {others} was built from", None) if others else ""


def _is_another(after: Release, than: str, before: Origin | None) -> str:
    return f"version {after.version} is another model than {than}: {difference(before, after.origin)}"


def build(case: Case, cause: Cause = Cause.CHANGED) -> tuple[BuildModelImage, ...]:
    """The release's image, unless it is there; `cause` is that of what needs it."""
    release, images = case.release, case.seen.model_images
    if release.tag in images:
        return ()
    others = ", ".join(case.namesakes)
    reason = f"not built yet: image {others} is of another model" if others else "not built yet"
    version = case.registered or ModelVersion(release.version, "")
    return (BuildModelImage(case.project.name, reason, case.project.model, version, release.image, cause),)


def restore(case: Case, cause: Cause = Cause.DRIFTED) -> tuple[RestoreGuardrails, ...]:
    """The endpoint's guardrails, when it has lost them; `cause` is that of what needs them."""
    endpoint, guardrails = case.seen.endpoint, case.stack.guardrails
    if endpoint is None or endpoint.guarded or guardrails is None or not case.in_service:
        return ()
    reason = "somebody updated the endpoint without them"
    return (RestoreGuardrails(case.project.name, reason, endpoint.configuration, guardrails, cause),)


def spec(case: Case) -> dict[str, Any]:
    """The stack with this release live and the releases before it kept."""
    kept = _kept(case)
    return deployment_spec(case.project, case.desired, case.context.account, kept, case.seen.metrics)


def _kept(case: Case) -> tuple[Release, ...]:
    """The release that becomes live, and those that stay beside it, the most recently live first.

    The one that serves is always among them: were the update rolled back, its configuration must still exist. One that
    was refused and never served takes no place from those that did; it stays as long as it is younger than the live
    one's predecessor, and no more of them than of the others.
    """
    refused = _refused(case)
    moving = (case.release, *((case.served,) if case.served else ()))
    everyone = tuple(dict.fromkeys((*moving, *case.stack.releases)))
    good = [one for one in everyone if one in moving or not one.is_among(refused)]
    proven = good[: case.wanted.keep_versions + 1]
    young = takewhile(lambda one: one in moving or one not in good, case.stack.releases)
    waiting = [one for one in young if one not in moving][: min(case.wanted.keep_versions, MOST_KEPT - len(proven))]
    return tuple(one for one in everyone if one in proven or one in waiting)


def _refused(case: Case) -> frozenset[str]:
    """Identities of the releases that were refused and never served."""
    return frozenset(refusal.release for refusal in case.seen.refusals if not refusal.served_before)


def _was_refused(case: Case) -> bool:
    """Whether SageMaker refused the pinned release, or rolled its last update back for it."""
    refused = case.release.is_among({refusal.release for refusal in case.seen.refusals})
    return refused or bool(case.stack.live == case.release.name and case.seen.endpoint and case.seen.endpoint.failure)


def _has_served(release: Release, case: Case) -> bool:
    """Whether a release served before, as far as is known: another came after it, and SageMaker did not refuse it."""
    succeeded = release in case.stack.releases and release.name != case.stack.live
    return succeeded and not release.is_among(_refused(case))


def empty_spec(case: Case) -> dict[str, Any]:
    """The stack without a release: the repository that images are pushed to."""
    return deployment_spec(case.project, case.desired, case.context.account, (), {})
