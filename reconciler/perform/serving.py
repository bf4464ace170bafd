"""Endpoints: what is rolled out, and whether it serves."""

from reconciler.core import names
from reconciler.core.actions import Deploy, Repair, RestoreGuardrails, Update
from reconciler.core.observed import LiveEndpoint, Refusal
from reconciler.errors import RolloutRefused, TerraformFailed
from reconciler.perform.executor import Executor
from reconciler.ports import Say


def roll_out(action: Deploy | Update | Repair, executor: Executor, say: Say) -> None:
    """Apply, and believe the endpoint alone: Terraform fails when it sees SageMaker roll back, and may well miss it."""
    world, platform = executor.world, executor.platform
    name = names.endpoint(platform, action.project)
    before = world.endpoints.settle(name, say)
    failed: TerraformFailed | None = None
    try:
        world.terraform.apply("deployment", action.project, executor.variables(action.project, action.spec), say)
    except TerraformFailed as error:
        failed = error
    endpoint = world.endpoints.settle(name, say)
    wanted = names.configuration(platform, action.project, action.after.name)
    if failed and not _is_sagemakers_doing(before, endpoint, wanted):
        raise failed
    if reason := _refusal_reason(endpoint, wanted):
        _refuse(action, reason, executor)
    world.state.forgive(action.project)


def restore_guardrails(action: RestoreGuardrails, executor: Executor, say: Say) -> None:
    """Update the endpoint to what it serves, with its guardrails."""
    name = names.endpoint(executor.platform, action.project)
    executor.world.endpoints.guard(name, action.configuration, action.guardrails)
    executor.world.endpoints.settle(name, say)


def _is_sagemakers_doing(before: LiveEndpoint | None, after: LiveEndpoint | None, configuration: str) -> bool:
    """Whether it was SageMaker that did not get this very configuration to serve, and nothing else that failed.

    An endpoint keeps the reason of an older failure: only one that moved since has a new one.
    """
    if after is None:
        return False
    if after.configuration == configuration:
        return after.status == "Failed"
    return bool(before and after.failure and after.modified != before.modified)


def _refusal_reason(endpoint: LiveEndpoint | None, configuration: str) -> str | None:
    if endpoint is None:
        return "the endpoint is gone"
    if endpoint.status == "InService" and endpoint.configuration == configuration:
        return None
    serving = f"it serves {endpoint.configuration} and is {endpoint.status}"
    return endpoint.failure or f"SageMaker gives no reason; {serving}"


def _refuse(action: Deploy | Update | Repair, reason: str, executor: Executor) -> None:
    reason = executor.world.redact(reason)
    since = executor.world.clock.now().isoformat(timespec="seconds")
    executor.world.state.refuse(action.project, Refusal(action.after.identity, reason, since))
    title = executor.desired.title_of(action.project)
    remedy = f"pin another version, or try this one again: reconcile retry {title}"
    raise RolloutRefused(f"SageMaker refused version {action.after.version} of {title}: {reason}", remedy)
