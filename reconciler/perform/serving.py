"""Endpoints: what is rolled out, and whether it serves."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from reconciler.core import names
from reconciler.core.actions import Deploy, Repair, RestoreGuardrails, Update
from reconciler.core.alarms import IGNORED_ALARMS, Alarm, told, watched
from reconciler.core.observed import LiveEndpoint, Refusal
from reconciler.core.outcome import Elsewhere, Outcome, Rejected, Served, Troubled, Unserved, judge, outcome
from reconciler.core.release import Release
from reconciler.core.rollout import longest
from reconciler.core.verdict import Pending
from reconciler.errors import AwsFailed, Busy, Interrupted, ReadFailed, Refused, RolloutRefused, TerraformFailed
from reconciler.perform.adopting import ENDPOINT, apply_stack
from reconciler.perform.executor import Executor
from reconciler.ports import Say, World

ROLE_PAUSES = (15.0, 30.0)
"""Seconds before a release is tried again whose role AWS cannot assume yet.
https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency"""

_Verdict = Served | Rejected | Troubled | Elsewhere


@dataclass(frozen=True, slots=True)
class _Rollout:
    """A release that SageMaker was asked to serve, and since when."""

    project: str
    release: Release
    endpoint: str
    began: datetime
    moving: LiveEndpoint | None
    """The endpoint as it was when we looked first; None: there was none."""
    alarms: tuple[Alarm, ...]
    """Those that would roll it back, as they were at that time."""
    served_before: bool = False
    """Whether the release had served before."""


def roll_out(action: Deploy | Update | Repair, executor: Executor, say: Say) -> None:
    """Serve a release, and try again for a while when it is only that AWS does not know its role everywhere yet."""
    for pause in (*ROLE_PAUSES, None):
        found, rollout, again = _try(action, executor, say)
        if pause is None or not again:
            break
        say(f"AWS cannot assume the endpoint's role yet, which may be new: trying again in {pause:.0f} s")
        if executor.world.cancel.wait(pause):
            raise Interrupted(f"stopped before endpoint {rollout.endpoint} was tried again", "run again: it goes on")
    _conclude(found, rollout, executor)


def _try(action: Deploy | Update | Repair, executor: Executor, say: Say) -> tuple[_Verdict, _Rollout, bool]:
    """Apply, and believe the endpoint alone: Terraform fails when it sees SageMaker roll back, and may well miss it.

    Also whether another try is worth it; one that Terraform saw fail has had some already.
    """
    world, platform = executor.world, executor.platform
    name, limit = names.endpoint(platform, action.project), longest(action.spec)
    before = world.endpoints.settle(name, limit, say)
    alarms, ignored = _alarms_of(action, before, world, say)
    served_before = isinstance(action, Update) and action.served_before
    rollout = _Rollout(action.project, action.after, name, world.clock.now(), before, alarms, served_before)
    if before and before.status == "InService":
        _keep(action.project, executor, say)
    failed = _applied(action, ignored, executor, say)
    wanted = names.configuration(platform, action.project, action.after.name)
    moving = before and before.configuration != wanted and not failed
    with _reason_of(failed):
        outlasted = failed is not None and _is_moving(name, world)
        after = world.endpoints.settle(name, limit, say, before if moving else None)
    found = outcome(before, after, wanted, terraform_failed=failed is not None and not outlasted)
    if outlasted and isinstance(found, Served):
        say("the endpoint serves, which Terraform did not see to its end: what comes after it is applied")
        _keep(action.project, executor, say)
        failed = _applied(action, ignored, executor, say)
    if failed and (isinstance(failed, Busy) or isinstance(found, Served | Elsewhere)):
        raise failed
    verdict = _judged(found, rollout, world)
    return verdict, rollout, isinstance(verdict, Troubled) and verdict.soon and failed is None


def _alarms_of(
    action: Deploy | Update | Repair, before: LiveEndpoint | None, world: World, say: Say
) -> tuple[tuple[Alarm, ...], tuple[str, ...]]:
    """The alarms that would roll an update back, and the names of those that it goes without, as they fire already.

    Raises Refused when one fires that the update does not go without: nothing was asked of SageMaker then.
    """
    if isinstance(action, Deploy) or before is None or not action.alarms.names:
        return (), ()
    alarms = world.endpoints.alarms(action.alarms.names)
    if fire := action.alarms.blocking(alarms, before.serves_since):
        what = f"endpoint {before.name} is not updated: SageMaker would roll that back for its alarm {told(fire)}"
        raise Refused(what, "run again once it is quiet; or roll back; or go without the alarm: --despite-alarm")
    ignored = action.alarms.ignored(alarms, before.serves_since)
    for alarm in ignored:
        say(f"its alarm {alarm}: the update goes without it")
    return tuple(one for one in alarms if one not in ignored), tuple(one.name for one in ignored)


def _judged(found: Outcome, rollout: _Rollout, world: World) -> _Verdict:
    """Who is to blame, from the reason and from what the endpoint's alarms did."""
    if not isinstance(found, Unserved):
        return found
    since = rollout.moving.changing_since if rollout.moving else 0.0
    return judge(found.reason, watched(rollout.alarms, _alarms_now(rollout, world), since or None))


def _alarms_now(rollout: _Rollout, world: World) -> tuple[Alarm, ...]:
    """That they cannot be read must not hide why SageMaker rolled back; no release is held guilty for want of them."""
    try:
        return world.endpoints.alarms([one.name for one in rollout.alarms]) if rollout.alarms else ()
    except ReadFailed:
        return ()


@contextmanager
def _reason_of(failed: TerraformFailed | Busy | None) -> Iterator[None]:
    """That the endpoint cannot be read afterwards must not hide how Terraform failed; it may well be why."""
    try:
        yield
    except ReadFailed as other:
        if failed is None:
            raise
        failed.explained_by(other)
        raise failed from other


def _applied(
    action: Deploy | Update | Repair, ignored: tuple[str, ...], executor: Executor, say: Say
) -> TerraformFailed | Busy | None:
    """How Terraform failed, if it did; Busy may be its own request, whose answer was lost.

    The endpoint is updated without the `ignored` alarms.
    """
    without = {IGNORED_ALARMS: list(ignored)} if ignored else {}
    try:
        apply_stack("deployment", action.project, {**action.spec, **without}, executor, say)
    except (TerraformFailed, Busy) as error:
        return error
    return None


def _is_moving(name: str, world: World) -> bool:
    """Whether Terraform has given up on an endpoint that SageMaker still works on: its provider waits an hour, which no
    setting makes longer (`waitEndpointInService`, internal/service/sagemaker/endpoint.go of 5.100), and SageMaker may
    take the hour that the stack allows and the time in which the old fleet bakes."""
    endpoint = world.endpoints.find(name).get(name)
    return endpoint is not None and endpoint.passing


def _keep(project: str, executor: Executor, say: Say) -> None:
    """An endpoint whose making was interrupted came up all the same: Terraform, which stopped looking, would make it
    anew, and nobody would answer meanwhile."""
    world, key = executor.world, names.project_key(executor.platform.environment, project, "deployment")
    if ENDPOINT in world.state.tainted(key):
        say("the endpoint whose making was interrupted serves: it is kept")
        world.terraform.untaint("deployment", project, ENDPOINT, say)


def see_through(pending: Pending, executor: Executor, say: Say) -> None:
    """Wait for an endpoint that changes, and conclude what an earlier reconciler, stopped meanwhile, could not."""
    world, name, limit = executor.world, pending.endpoint or "", longest({})
    # When it began to change nobody noted.
    began = world.clock.now() - timedelta(seconds=limit)
    if pending.release is None:
        world.endpoints.settle(name, limit, say)
        return
    moving = world.endpoints.find(name).get(name)
    alarms = world.endpoints.alarms(moving.alarms) if moving and moving.alarms else ()
    rollout = _Rollout(pending.project, pending.release, name, began, moving, alarms)
    after = world.endpoints.settle(name, limit, say)
    wanted = names.configuration(executor.platform, pending.project, pending.release.name)
    found = outcome(None, after, wanted, terraform_failed=False)
    _conclude(_judged(found, rollout, world), rollout, executor)


def restore_guardrails(action: RestoreGuardrails, executor: Executor, say: Say) -> None:
    """Update the endpoint to what it serves, with its guardrails."""
    name = names.endpoint(executor.platform, action.project)
    executor.world.endpoints.guard(name, action.configuration, action.guardrails)
    executor.world.endpoints.settle(name, longest({}), say)


def _conclude(found: _Verdict, rollout: _Rollout, executor: Executor) -> None:
    """Remember what SageMaker refused, and forget it once it serves. Raises RolloutRefused, AwsFailed."""
    title, version = executor.desired.title_of(rollout.project), rollout.release.version
    match found:
        case Served() | Elsewhere():
            executor.world.state.forgive(rollout.project)
        case Troubled(reason, remedy):
            what = f"AWS could not bring version {version} of {title} up: {reason}"
            raise AwsFailed(what, remedy, _log_tail(rollout, executor.world))
        case Rejected(reason):
            refusal = _remember(reason, rollout, executor.world)
            remedy = f"pin another version, or try this one again: reconcile retry {title}"
            what = f"SageMaker refused version {version} of {title}: {refusal.reason}"
            raise RolloutRefused(what, remedy, refusal.log)
        case _:
            assert_never(found)


def _remember(reason: str, rollout: _Rollout, world: World) -> Refusal:
    since = world.clock.now().isoformat(timespec="seconds")
    log = _log_tail(rollout, world)
    refusal = Refusal(rollout.release.identity, world.redact(reason), since, world.redact(log), rollout.served_before)
    world.state.refuse(rollout.project, refusal)
    return refusal


def _log_tail(rollout: _Rollout, world: World) -> str:
    """The end of the endpoint's log; that it cannot be read must not hide why the release was refused."""
    try:
        return world.endpoints.log_tail(rollout.endpoint, rollout.began)
    except ReadFailed as error:
        return f"({error.what})"
