"""An update is not begun that SageMaker would roll back for an alarm that fires already."""

from dataclasses import replace

from reconciler.core.actions import ProjectAction, RestoreGuardrails, Update
from reconciler.core.desired import DesiredState
from reconciler.core.guards.withholding import withhold
from reconciler.core.incident import blocking
from reconciler.core.observed import ObservedProject, ObservedState
from reconciler.core.verdict import Plan, Problem, ProjectPlan


def heed_alarms(plan: Plan, desired: DesiredState, observed: ObservedState) -> Plan:
    """Withhold such updates: they go on once the alarm is quiet, or without it when somebody says so.

    Rollbacks, and updates away from a release that set the alarm off, are planned without it and pass.
    """
    projects = (
        _heeding(project, observed.projects.get(project.was or project.name), desired) for project in plan.projects
    )
    return replace(plan, projects=tuple(projects))


def _heeding(project: ProjectPlan, seen: ObservedProject | None, desired: DesiredState) -> ProjectPlan:
    fire = next((said for one in project.actions if seen and (said := blocking(one, seen))), "")
    return withhold(project, _moves, _refusal(project, fire, desired)) if fire else project


def _moves(action: ProjectAction) -> bool:
    """Whether SageMaker would make an update of it."""
    return isinstance(action, Update | RestoreGuardrails)


def _refusal(project: ProjectPlan, fire: str, desired: DesiredState) -> Problem:
    what = f"{project.name} is not updated, because SageMaker would roll that back for its alarm {fire}"
    quiet = "it goes on once the alarm is quiet"
    if not any(isinstance(action, Update) for action in project.actions):
        return Problem(what, quiet)
    by_hand = (
        f"; on GitHub: run the workflow apply with despite_alarm: {project.name}" if desired.platform.github else ""
    )
    return Problem(what, f"{quiet}; or roll back; or go without the alarm: --despite-alarm {project.name}{by_hand}")
