"""Endpoints: what is rolled out, and whether it serves."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from reconciler.core import names
from reconciler.core.actions import Deploy, Repair, RestoreGuardrails, Update
from reconciler.core.observed import Refusal
from reconciler.core.outcome import Elsewhere, Outcome, Rejected, Served, Troubled, outcome
from reconciler.core.release import Release
from reconciler.core.rollout import longest
from reconciler.core.verdict import Pending
from reconciler.errors import AwsFailed, ReadFailed, RolloutRefused, TerraformFailed
from reconciler.perform.executor import Executor
from reconciler.ports import Say, World

ENDPOINT = "aws_sagemaker_endpoint.live[0]"
"""Its address in the stack `deployment`."""


@dataclass(frozen=True, slots=True)
class _Rollout:
    """A release that SageMaker was asked to serve, and since when."""

    project: str
    release: Release
    endpoint: str
    began: datetime


def roll_out(action: Deploy | Update | Repair, executor: Executor, say: Say) -> None:
    """Apply, and believe the endpoint alone: Terraform fails when it sees SageMaker roll back, and may well miss it."""
    world, platform = executor.world, executor.platform
    name, limit = names.endpoint(platform, action.project), longest(action.spec)
    before = world.endpoints.settle(name, limit, say)
    rollout = _Rollout(action.project, action.after, name, world.clock.now())
    if before and before.status == "InService":
        _keep(action.project, executor, say)
    failed = _applied(action, executor, say)
    outlasted = failed is not None and _is_moving(name, world)
    wanted = names.configuration(platform, action.project, action.after.name)
    moving = before and before.configuration != wanted and not failed
    after = world.endpoints.settle(name, limit, say, before if moving else None)
    found = outcome(before, after, wanted, terraform_failed=failed is not None and not outlasted)
    if outlasted and isinstance(found, Served):
        say("the endpoint took longer than Terraform waits, and serves: what comes after it is applied")
        _keep(action.project, executor, say)
        failed = _applied(action, executor, say)
    if failed and isinstance(found, Served | Elsewhere):
        raise failed
    _conclude(found, rollout, executor)


def _applied(action: Deploy | Update | Repair, executor: Executor, say: Say) -> TerraformFailed | None:
    """How Terraform failed, if it did."""
    variables = executor.variables(action.project, action.spec)
    try:
        executor.world.terraform.apply("deployment", action.project, variables, say)
    except TerraformFailed as error:
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
    after = world.endpoints.settle(name, limit, say)
    if pending.release:
        wanted = names.configuration(executor.platform, pending.project, pending.release.name)
        found = outcome(None, after, wanted, terraform_failed=False)
        _conclude(found, _Rollout(pending.project, pending.release, name, began), executor)


def restore_guardrails(action: RestoreGuardrails, executor: Executor, say: Say) -> None:
    """Update the endpoint to what it serves, with its guardrails."""
    name = names.endpoint(executor.platform, action.project)
    executor.world.endpoints.guard(name, action.configuration, action.guardrails)
    executor.world.endpoints.settle(name, longest({}), say)


def _conclude(found: Outcome, rollout: _Rollout, executor: Executor) -> None:
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
    refusal = Refusal(rollout.release.identity, world.redact(reason), since, world.redact(log))
    world.state.refuse(rollout.project, refusal)
    return refusal


def _log_tail(rollout: _Rollout, world: World) -> str:
    """The end of the endpoint's log; that it cannot be read must not hide why the release was refused."""
    try:
        return world.endpoints.log_tail(rollout.endpoint, rollout.began)
    except ReadFailed as error:
        return f"({error.what})"
