"""What is retired: nothing that is protected, and not more at once than the limit, unless it is allowed by name."""

from dataclasses import replace

from reconciler.core.actions import ProjectAction, RetireDeployment, RetireTraining
from reconciler.core.desired import DesiredState
from reconciler.core.guards.circumstances import Circumstances
from reconciler.core.guards.withholding import withhold
from reconciler.core.observed import ObservedState
from reconciler.core.verdict import Plan, Problem, ProjectPlan


def protect(plan: Plan, desired: DesiredState, observed: ObservedState) -> Plan:
    """Withhold the retirement of protected projects; nobody can allow it by name."""
    wanted = {project.name for project in desired.projects if project.protect}
    # Protection outlives the manifest's lines: it is lifted by applying `protect: false`, not by deleting it.
    stacks = {name: seen.training for name, seen in observed.projects.items() if seen.training}
    protected = wanted | {name for name, stack in stacks.items() if stack.spec.get("protect")}

    def picks(action: ProjectAction) -> bool:
        return is_retirement(action) and action.project in protected

    projects = (withhold(project, picks, _protection(project.name)) for project in plan.projects)
    return replace(plan, projects=tuple(projects))


def limit(plan: Plan, desired: DesiredState, circumstances: Circumstances) -> Plan:
    """Withhold the retirements that are not allowed by name, once there are too many."""
    wanted = {project.title for project in desired.projects}
    # One whose endpoint is on the move is retired once it has come to rest, in this run when it waits.
    count = sum(retires(project) or (project.name not in wanted and bool(project.pending)) for project in plan.projects)
    if count <= desired.retire_limit:
        return plan
    projects = (
        project
        if project.name in circumstances.allow_retire
        else withhold(project, is_retirement, _excess(project.name, count, desired))
        for project in plan.projects
    )
    return replace(plan, projects=tuple(projects))


def retires(project: ProjectPlan) -> bool:
    """Whether anything of the project is to be destroyed for good."""
    return any(is_retirement(action) for action in project.actions)


def is_retirement(action: ProjectAction) -> bool:
    """Whether an action destroys something for good."""
    return isinstance(action, RetireDeployment | RetireTraining)


def _protection(name: str) -> Problem:
    return Problem(f"{name} is protected and is not retired", "set protect: false, reconcile, and then retire it")


def _excess(name: str, retirements: int, desired: DesiredState) -> Problem:
    what = f"{retirements} to retire in one run, limits.retire is {desired.retire_limit}: {name} is not retired"
    by_hand = f"; on GitHub: run the workflow apply with allow_retire: {name}" if desired.platform.github else ""
    return Problem(what, f"if it is meant: --allow-retire {name}{by_hand}")
