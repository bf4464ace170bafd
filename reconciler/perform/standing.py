"""What an environment stands on, and the end of everything."""

from reconciler.core import names
from reconciler.core.actions import (
    Bootstrap,
    ProvisionPlatform,
    RetireBootstrap,
    RetireDeployment,
    RetirePlatform,
    RetireServer,
    RetireTraining,
)
from reconciler.core.homes import PLATFORM
from reconciler.core.observed import Spec
from reconciler.core.specs import TOMBSTONES
from reconciler.perform.adopting import apply_stack
from reconciler.perform.executor import Executor
from reconciler.ports import Say

WHOLE_AT_ONCE = ("aws_iam_role.instance", "aws_launch_template.training")
"""Of the platform's stack: made by one call, under a name that a replacement, which comes first here, cannot have."""


def bootstrap(action: Bootstrap, executor: Executor, say: Say) -> None:
    """Apply the stack, the first time from a local state."""
    terraform, variables = executor.world.terraform, executor.variables(None, action.spec)
    if action.first:
        terraform.establish("bootstrap", variables, say)
    else:
        terraform.apply("bootstrap", None, variables, say)


def provision_platform(action: ProvisionPlatform, executor: Executor, say: Say) -> None:
    """Apply the stack; what a run that was stopped made whole, and Terraform would make anew, is kept."""
    world, key = executor.world, names.stack_key(executor.platform.environment, PLATFORM)
    for address in world.state.tainted(key):
        if address in WHOLE_AT_ONCE:
            world.terraform.untaint(PLATFORM, None, address, say)
    apply_stack(PLATFORM, None, action.spec, executor, say)


def retire_project(action: RetireDeployment | RetireTraining, executor: Executor, say: Say) -> None:
    """Stop what runs, destroy the stack, forget its state."""
    kind = "deployment" if isinstance(action, RetireDeployment) else "training"
    if isinstance(action, RetireTraining):
        for job in action.jobs:
            executor.world.jobs.terminate(job, "the project was retired")
    variables = executor.variables(action.project, TOMBSTONES[kind])
    executor.world.terraform.destroy(kind, action.project, variables, say)
    executor.world.state.forget(names.project_key(executor.platform.environment, action.project, kind))


def retire_platform(_action: RetirePlatform, executor: Executor, say: Say) -> None:
    """Drain the queues first: a compute environment with jobs in it is not deleted, and their results would be lost."""
    executor.world.jobs.drain(names.queues(executor.platform), say)
    _destroy("platform", TOMBSTONES["platform"], executor, say)


def retire_server(action: RetireServer, executor: Executor, say: Say) -> None:
    """Destroy the MLflow server."""
    _destroy("mlflow-server", action.spec, executor, say)


def _destroy(kind: str, spec: Spec, executor: Executor, say: Say) -> None:
    executor.world.terraform.destroy(kind, None, executor.variables(None, spec), say)
    executor.world.state.forget(names.stack_key(executor.platform.environment, kind))


def retire_bootstrap(action: RetireBootstrap, executor: Executor, say: Say) -> None:
    """Destroy the state bucket with the last state in it, which is taken out first."""
    variables = executor.variables(None, action.spec)
    executor.world.terraform.dissolve("bootstrap", variables, executor.world.state.empty, say)
