"""Stand up what an environment stands on, and take it all down again."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from reconciler.apply import Listener, Report, run
from reconciler.core import names
from reconciler.core.actions import PlatformAction, RetireBootstrap, RetirePlatform, RetireServer
from reconciler.core.desired import DesiredState
from reconciler.core.foundation import GITHUB, dependents, plan_bootstrap, plan_server
from reconciler.core.specs import server_spec
from reconciler.errors import Refused
from reconciler.observe import server_stack, spec_of
from reconciler.perform import Executor
from reconciler.ports import StackState, World
from reconciler.reconcile import Options, Proposal, check_account, check_objections, reconcile

Vpn = Callable[[], Mapping[str, str]]
"""Finds, or makes, the VPN's certificates: their ARNs as the MLflow server's stack takes them."""


def bootstrap_steps(desired: DesiredState, world: World) -> tuple[PlatformAction, ...]:
    """What the state bucket and the roles need. Raises ReadFailed, Refused in a wrong account."""
    platform = desired.platform
    check_account(platform, world.account.id())
    bucket = world.state.exists()
    stacks = world.state.stacks() if bucket else {}
    applied = stacks.get(names.stack_key(platform.environment, "bootstrap"))
    return plan_bootstrap(
        desired,
        spec_of(applied) if applied is not None else None,
        world.terraform.unfinished(),
        bucket=bucket,
        provider=world.account.oidc_provider(GITHUB) if platform.github else "",
    )


def server_steps(desired: DesiredState, world: World, vpn: Vpn) -> tuple[PlatformAction, ...]:
    """What the MLflow server needs. Raises ReadFailed, Refused."""
    platform = desired.platform
    if platform.server is None:
        raise Refused("the manifest has no MLflow server of its own", "write `mlflow: {server: {}}`")
    account = world.account.id()
    check_account(platform, account)
    applied = world.state.stacks().get(names.stack_key(platform.environment, "mlflow-server"))
    tags = world.images.tags(names.server_repository(platform))
    certificates = vpn() if platform.server.vpn_cidr else {}
    return plan_server(desired, server_stack(applied), tags, account, certificates)


def carry_out(
    name: str, steps: tuple[PlatformAction, ...], desired: DesiredState, world: World, listener: Listener
) -> Report:
    """Do the steps, up to the first that fails."""
    return Report(run(name, steps, Executor(desired, world, wait=True), listener), ())


def server_retirement(desired: DesiredState, world: World) -> tuple[PlatformAction, ...]:
    """The end of the MLflow server. Raises Refused while something depends on it, or while it is protected."""
    check_account(desired.platform, world.account.id())
    stacks = world.state.stacks()
    if needing := dependents(desired.platform.environment, stacks):
        what = f"the MLflow server is still needed by {', '.join(needing)}"
        raise Refused(what, "retire them first, or everything at once: reconcile teardown")
    return _server_retirement(desired, stacks)


def _server_retirement(desired: DesiredState, stacks: Mapping[str, StackState]) -> tuple[PlatformAction, ...]:
    applied = stacks.get(names.stack_key(desired.platform.environment, "mlflow-server"))
    if applied is None:
        return ()
    # One that never came to its end does not say what it was applied with: what it was to be will do.
    spec = spec_of(applied) or (server_spec(desired, "", {}) if desired.platform.server else {})
    if spec.get("deletion_protection"):
        what = "the MLflow server's database and artifacts are protected from deletion"
        raise Refused(what, "set mlflow.server.deletion_protection: false, `make mlflow-server`, and run this again")
    return (RetireServer("it is not wanted any more", spec),)


def teardown(
    desired: DesiredState, world: World, listener: Listener, show: Callable[[Proposal], None]
) -> tuple[tuple[tuple[Proposal, Report], ...], Report | None]:
    """Retire every project, then the platform, the MLflow server and the state bucket; nothing is begun in vain.

    The second report is of what the environment stands on, None when a project could not be retired.
    Raises Refused before anything is done: for what is protected, and for a state bucket that others use.
    """
    check_objections(desired, world)
    last = _last_steps(desired, world)
    everyone = frozenset(_projects(desired, world))
    options = Options(allow_retire=everyone, wait=True)
    rounds = reconcile(replace(desired, projects=()), world, options, listener, show)
    if _projects(desired, world):
        return rounds, None
    return rounds, carry_out("environment", last, desired, world, listener)


def _last_steps(desired: DesiredState, world: World) -> tuple[PlatformAction, ...]:
    check_account(desired.platform, world.account.id())
    stacks, environment = world.state.stacks(), desired.platform.environment
    _refuse_protected(desired, stacks)
    reason = "the environment is torn down"
    platform = (RetirePlatform(reason),) if names.stack_key(environment, "platform") in stacks else ()
    bootstrap = stacks.get(names.stack_key(environment, "bootstrap"))
    return (*platform, *_server_retirement(desired, stacks), *_bootstrap_retirement(bootstrap, world))


def _refuse_protected(desired: DesiredState, stacks: Mapping[str, StackState]) -> None:
    environment = desired.platform.environment
    trainings = {
        name: names.project_key(environment, name, "training") for name in names.projects_of(environment, stacks)
    }
    applied = {name for name, key in trainings.items() if spec_of(stacks.get(key, {})).get("protect")}
    wanted = {project.name for project in desired.projects if project.protect}
    if protected := sorted(applied | (wanted & trainings.keys())):
        what = f"protected, and so not torn down: {', '.join(map(desired.title_of, protected))}"
        raise Refused(what, "set protect: false, reconcile, and then tear down")


def _bootstrap_retirement(applied: StackState | None, world: World) -> tuple[RetireBootstrap, ...]:
    if applied is None:
        return ()
    spec = spec_of(applied)
    strangers = world.state.strangers() if spec.get("own_bucket") else ()
    if strangers:
        what = f"the state bucket holds {len(strangers)} object(s) of other environments, such as {strangers[0]}"
        raise Refused(what, "tear those down first")
    return (RetireBootstrap("the environment is torn down", spec),)


def _projects(desired: DesiredState, world: World) -> tuple[str, ...]:
    return names.projects_of(desired.platform.environment, world.state.stacks())
