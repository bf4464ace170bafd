"""A paused project is left as it is, whatever is asked for it."""

from dataclasses import replace

from reconciler.core.desired import DesiredState
from reconciler.core.guards.circumstances import Circumstances
from reconciler.core.guards.withholding import everything, withhold
from reconciler.core.restraint import Pause, over, said
from reconciler.core.verdict import Health, Plan, Problem, ProjectPlan, Sync


def suspend(plan: Plan, desired: DesiredState, circumstances: Circumstances) -> Plan:
    """Withhold everything of paused projects: that is what was asked for, so it is no refusal."""
    pauses = {project.title: project.paused for project in desired.projects}
    projects = (_suspended(project, pauses.get(project.name), circumstances) for project in plan.projects)
    return replace(plan, projects=tuple(projects))


def _suspended(project: ProjectPlan, pause: Pause | None, circumstances: Circumstances) -> ProjectPlan:
    if pause is None:
        return project
    if not pause.holds(circumstances.now):
        return replace(project, notes=(*project.notes, over(pause)))
    left = withhold(project, everything)
    return replace(
        left,
        health=left.health if left.sync is Sync.UNKNOWN else Health.SUSPENDED,
        # Nothing is waited for: following a training would submit it anew where its job is gone.
        pending=(),
        notes=(*left.notes, *(pending.what for pending in left.pending)),
        paused=f"paused until {said(pause.until)}: {pause.reason}",
        refusals=(*left.refusals, *_unheard(project.name, circumstances)),
    )


def _unheard(name: str, circumstances: Circumstances) -> tuple[Problem, ...]:
    demands = {"trained": circumstances.demands.train, "tried again": circumstances.demands.retry}
    remedy = "delete its `paused`, commit, and ask again"
    return tuple(Problem(f"{name} is paused and is not {what}", remedy) for what, who in demands.items() if name in who)
