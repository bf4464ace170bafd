"""What every guard does, and the only thing that it does."""

from collections.abc import Callable
from dataclasses import replace

from reconciler.core.actions import ProjectAction
from reconciler.core.verdict import Problem, ProjectPlan


def withhold(project: ProjectPlan, picks: Callable[[ProjectAction], bool], *refusals: Problem) -> ProjectPlan:
    """The project without the actions that `picks` names, and why; the same when there is none of them."""
    held = tuple(action for action in project.actions if picks(action))
    if not held:
        return project
    kept = tuple(action for action in project.actions if action not in held)
    return replace(project, actions=kept, held=(*project.held, *held), refusals=(*project.refusals, *refusals))


def everything(_: ProjectAction) -> bool:
    """Picks every action."""
    return True
