"""While a freeze holds, nothing is changed but what brings back what served."""

from dataclasses import replace

from reconciler.core.actions import (
    BuildModelImage,
    Cause,
    ProjectAction,
    ProvisionDeployment,
    RegisterModel,
    RestoreGuardrails,
    Update,
    cause,
)
from reconciler.core.desired import DesiredState
from reconciler.core.freeze import frozen
from reconciler.core.guards.circumstances import Circumstances
from reconciler.core.guards.withholding import withhold
from reconciler.core.restraint import said
from reconciler.core.verdict import Plan, Problem, ProjectPlan

ALWAYS = (RegisterModel, RestoreGuardrails)
"""What a training that was under way ends with, and what protects what serves."""
ROLLBACK = (BuildModelImage, ProvisionDeployment, Update)
"""What a rollback may be made of; a project is rolled back or not, so no other update is among them."""
REMEDY = "rollbacks, and repairs of what drifted, pass; everything else goes on then"


def freeze(plan: Plan, desired: DesiredState, circumstances: Circumstances) -> Plan:
    """Withhold everything else: a rollback must not wait, and a repair brings back what was approved.

    The freeze is what git asks for, so it is a refusal for those alone who asked for a project by its name.
    """
    refusal = freeze_refusal(desired, circumstances)
    if refusal is None:
        return plan
    expected = replace(refusal, expected=True)
    asked = circumstances.asked
    projects = tuple(_frozen(one, refusal if one.name in asked else expected) for one in plan.projects)
    return replace(plan, projects=projects).without_platform(expected)


def freeze_refusal(desired: DesiredState, circumstances: Circumstances) -> Problem | None:
    """Until when nothing is changed, and why; None while no freeze holds."""
    held = frozen(desired.freeze, circumstances.now)
    return Problem(f"frozen until {said(held.until, held.zone)}: {held.reason}", REMEDY) if held else None


def _frozen(project: ProjectPlan, refusal: Problem) -> ProjectPlan:
    back = any(isinstance(action, Update) and action.rollback for action in project.actions)
    passing = (*ALWAYS, *ROLLBACK) if back else ALWAYS

    def picks(action: ProjectAction) -> bool:
        return not (isinstance(action, passing) or cause(action) is Cause.DRIFTED)

    return withhold(project, picks, refusal)
