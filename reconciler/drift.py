"""What Terraform would change although git did not: a real plan for every stack, with what it was last applied with."""

from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

from reconciler.core import names
from reconciler.core.desired import DesiredState, DriftPolicy, StackCode
from reconciler.core.drift import StackDrift, absurd
from reconciler.core.homes import Kind, Thing
from reconciler.core.near import no_project
from reconciler.core.observed import Spec, Stray, Unread
from reconciler.core.verdict import Problem
from reconciler.errors import Interrupted, ReadFailed, ReconcilerError
from reconciler.observe import applied_with
from reconciler.perform import Executor
from reconciler.ports import Say, StackState, World
from reconciler.reconcile import check_account
from reconciler.strays import find_strays

DRIFTED = 2
UNFINISHED = Problem("it never came to its end, so there is nothing to compare it with", "run reconcile")


@dataclass(frozen=True, slots=True)
class Survey:
    """Every stack of an environment, or of the chosen projects."""

    desired: DesiredState
    account: str
    stacks: tuple[StackDrift, ...]
    """Those of the environment first."""
    strays: tuple[Stray, ...] = ()
    """What exists under our names and is in no state."""
    unsearched: tuple[Unread, ...] = ()
    """Why there may be more strays."""

    @property
    def drifted(self) -> tuple[StackDrift, ...]:
        """Stacks that are not as they were applied."""
        return tuple(stack for stack in self.stacks if stack.drifted)

    @property
    def unknown(self) -> tuple[StackDrift, ...]:
        """Stacks that could not be looked at."""
        return tuple(stack for stack in self.stacks if stack.unknown)


def survey(desired: DesiredState, world: World, chosen: Collection[str], parallelism: int, say: Say) -> Survey:
    """Look at every stack, or those of the chosen projects; one that cannot be looked at keeps no other from it.

    Raises ReadFailed when not even the states can be read, Refused in a wrong account, ReconcilerError, Interrupted.
    """
    account = world.account.id()
    check_account(desired.platform, account)
    states, known = world.state.stacks(), {desired.name_of(title) for title in chosen}
    specs = _specs(desired, states, known)
    with ThreadPoolExecutor(max(1, parallelism)) as pool:
        stacks = tuple(pool.map(lambda one: _look(one[0], one[1], desired, world, say), specs.items()))
    return _with_strays(Survey(desired, account, stacks), states, known, world)


def _with_strays(found: Survey, states: Mapping[str, StackState], chosen: Collection[str], world: World) -> Survey:
    """With what no state holds. That it cannot be found out keeps nothing else from being told."""
    prefix = f"{names.prefix(found.desired.platform)}-"
    try:
        endpoints = (Thing(Kind.ENDPOINT, name) for name in world.endpoints.find(prefix))
        things = (*world.inventory.find(prefix), *endpoints)
        strays = find_strays(found.desired, found.account, things, states, world)
    except ReadFailed as error:
        return replace(found, unsearched=(Unread("what else there is in AWS", world.redact(str(error))),))
    wanted = tuple(one for one in strays.found if not chosen or (one.home and one.home.project in chosen))
    return replace(found, strays=wanted, unsearched=tuple(unread for _, unread in strays.unread))


def _specs(
    desired: DesiredState, stacks: Mapping[str, StackState], chosen: Collection[str]
) -> Mapping[tuple[str, str | None], Spec]:
    """What each stack was last applied with, those of the environment first. Raises ReconcilerError."""
    environment = desired.platform.environment
    states = {names.stack_of(environment, key): applied_with(outputs) for key, outputs in stacks.items()}
    found = {stack: spec for stack, spec in states.items() if stack and (not chosen or stack[1] in chosen)}
    if unknown := sorted(set(chosen) - {project for _, project in found if project}):
        left = names.projects_of(environment, stacks)
        if nobodys := [name for name in unknown if not any(one.name == name for one in desired.projects)]:
            raise ReconcilerError(*no_project(nobodys, desired.titles(left)))
        there = f"projects with a stack: {', '.join(left) or 'none'}"
        raise ReconcilerError(f"nothing was ever applied for {', '.join(unknown)}", there)
    return dict(sorted(found.items(), key=lambda one: (one[0][1] or "", one[0][0])))


def _look(stack: tuple[str, str | None], spec: Spec, desired: DesiredState, world: World, say: Say) -> StackDrift:
    kind, project = stack
    seen = partial(
        StackDrift,
        kind,
        desired.title_of(project) if project else None,
        policy=next((one.drift_policy for one in desired.projects if one.name == project), DriftPolicy.CORRECT),
        other_code=bool(spec) and spec.get("code_digest") != _code(desired.code, kind),
    )
    if not spec:
        return seen(unknown=UNFINISHED)
    variables = Executor(desired, world, wait=False).variables(project, spec)

    def tell(line: str) -> None:
        say(f"{_name(stack)}: {world.redact(line)}")

    try:
        found = world.terraform.plan(kind, project, variables, tell)
    except Interrupted:
        raise
    except ReconcilerError as error:
        error.retell(world.redact)
        return seen(unknown=Problem(error.what, error.remedy))
    nonsense = absurd(found)
    return seen(unknown=nonsense) if nonsense else seen(found)


def _code(code: StackCode, kind: str) -> str:
    digest: str = getattr(code, "server" if kind == "mlflow-server" else kind)
    return digest


def _name(stack: tuple[str, str | None]) -> str:
    kind, project = stack
    return f"{project}/{kind}" if project else kind


def exit_code(found: Survey, *, detailed: bool) -> int:
    """1 when a stack could not be looked at, 2 (`detailed`) when something drifted, else 0."""
    if found.unknown:
        return ReconcilerError.exit_code
    return DRIFTED if detailed and found.drifted else 0
