"""Do one step of a plan. Everything was decided before; nothing is decided here."""

from reconciler.core.actions import (
    Action,
    Bootstrap,
    BuildModelImage,
    BuildServerImage,
    BuildTrainingImage,
    Deploy,
    ProvisionDeployment,
    ProvisionPlatform,
    ProvisionServer,
    ProvisionTraining,
    RegisterModel,
    Repair,
    RestoreGuardrails,
    RetireBootstrap,
    RetireDeployment,
    RetirePlatform,
    RetireServer,
    RetireTraining,
    Train,
    Update,
)
from reconciler.core.model_image import difference
from reconciler.core.verdict import Pending
from reconciler.errors import BuildFailed
from reconciler.perform import serving, standing, training
from reconciler.perform.adopting import apply_stack
from reconciler.perform.executor import Executor
from reconciler.ports import Say, World

__all__ = ["Executor", "perform"]


def perform(step: Action | Pending, executor: Executor, say: Say) -> None:  # noqa: C901, PLR0912 - one case for each
    """Do one step. Raises ReconcilerError."""
    world = executor.world
    match step:
        case Bootstrap():
            standing.bootstrap(step, executor, say)
        case ProvisionServer(spec=spec):
            world.terraform.apply("mlflow-server", None, executor.variables(None, spec), say)
        case BuildServerImage(image=image):
            world.images.build_server(image, say)
        case ProvisionPlatform():
            standing.provision_platform(step, executor, say)
        case ProvisionTraining(project=project, spec=spec):
            apply_stack("training", project, spec, executor, say)
        case ProvisionDeployment(project=project, spec=spec):
            apply_stack("deployment", project, spec, executor, say)
        case BuildTrainingImage():
            training.build_training(step, world, say)
        case BuildModelImage():
            _build_model(step, world, say)
        case Train():
            training.train(step, executor, say)
        case RegisterModel():
            training.register(step, world, say)
        case Deploy() | Update() | Repair():
            serving.roll_out(step, executor, say)
        case RestoreGuardrails():
            serving.restore_guardrails(step, executor, say)
        case RetireDeployment() | RetireTraining():
            standing.retire_project(step, executor, say)
        case RetirePlatform():
            standing.retire_platform(step, executor, say)
        case RetireServer():
            standing.retire_server(step, executor, say)
        case RetireBootstrap():
            standing.retire_bootstrap(step, executor, say)
        case Pending():
            _await(step, executor, say)


def _build_model(build: BuildModelImage, world: World, say: Say) -> None:
    """Build the very model that was planned: since then its number may have been given to another one."""
    planned = build.version

    def check() -> None:
        now = world.registry.version(build.model, planned.number)
        if now and now.origin.identity == planned.origin.identity:
            return
        found = f"another model than was planned: {difference(planned.origin, now.origin)}" if now else "gone"
        remedy = "nothing was pushed; run again: it is planned anew"
        raise BuildFailed(f"version {planned.number} of {build.model} is {found}", remedy)

    world.images.build_model(build.model, planned, build.image, check, say)


def _await(pending: Pending, executor: Executor, say: Say) -> None:
    if pending.train:
        training.train(pending.train, executor, say)
    if pending.endpoint:
        serving.see_through(pending, executor, say)
