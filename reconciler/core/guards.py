"""Guards: what a plan may not do unless somebody says so. They withhold actions; they never add any."""

from collections.abc import Collection
from dataclasses import replace

from reconciler.core.actions import ProjectAction, RetireDeployment, RetireTraining
from reconciler.core.desired import DesiredState
from reconciler.core.observed import ObservedState
from reconciler.core.verdict import Plan, Problem, ProjectPlan


def guard(plan: Plan, desired: DesiredState, observed: ObservedState, allowed: Collection[str] = ()) -> Plan:
    """Withhold retirements of protected projects, and all that are not `allowed` by name once there are too many."""
    retiring = [project.name for project in plan.projects if _retires(project)]
    protected = {name for name in retiring if _protected(name, desired, observed)}
    unnamed = [name for name in retiring if name not in protected and name not in allowed]
    excess = set(unnamed) if len(retiring) - len(protected) > desired.retire_limit else set()
    refusals = {name: _limit(name, len(retiring) - len(protected), desired.retire_limit) for name in excess}
    refusals |= {name: _protection(name) for name in protected}
    return replace(plan, projects=tuple(_withhold(project, refusals.get(project.name)) for project in plan.projects))


def _withhold(project: ProjectPlan, refusal: Problem | None) -> ProjectPlan:
    if refusal is None:
        return project
    held = tuple(action for action in project.actions if _is_retirement(action))
    kept = tuple(action for action in project.actions if not _is_retirement(action))
    return replace(project, actions=kept, held=held, refusals=(refusal,))


def _retires(project: ProjectPlan) -> bool:
    return any(_is_retirement(action) for action in project.actions)


def _is_retirement(action: ProjectAction) -> bool:
    return isinstance(action, RetireDeployment | RetireTraining)


def _protected(name: str, desired: DesiredState, observed: ObservedState) -> bool:
    """Protection outlives the manifest's lines: it is lifted by applying `protect: false`, not by deleting it."""
    wanted = any(project.name == name and project.protect for project in desired.projects)
    seen = observed.projects.get(name)
    applied = bool(seen and seen.training and seen.training.spec.get("protect"))
    return wanted or applied


def _protection(name: str) -> Problem:
    return Problem(f"{name} is protected and is not retired", "set protect: false, reconcile, and then retire it")


def _limit(name: str, retirements: int, limit: int) -> Problem:
    what = f"{retirements} to retire in one run, limits.retire is {limit}: {name} is not retired"
    return Problem(what, f"if it is meant: --allow-retire {name}")
