"""Guards: what a plan may not do, here and now, unless somebody says so.

They withhold actions; they never add any.
"""

from reconciler.core.desired import DesiredState
from reconciler.core.guards.alarms import heed_alarms
from reconciler.core.guards.circumstances import Circumstances
from reconciler.core.guards.commits import commit_refusals, demand_commits
from reconciler.core.guards.freezing import freeze, freeze_refusal
from reconciler.core.guards.pauses import suspend
from reconciler.core.guards.renames import doubt
from reconciler.core.guards.retirement import limit, protect
from reconciler.core.observed import ObservedState
from reconciler.core.verdict import Plan, Problem

__all__ = ["Circumstances", "guard", "objections"]


def guard(plan: Plan, desired: DesiredState, observed: ObservedState, circumstances: Circumstances) -> Plan:
    """The plan without what may not be done, and why. What one guard withholds, the next ones do not see."""
    plan = suspend(plan, desired, circumstances)
    plan = protect(plan, desired, observed)
    plan = doubt(plan, desired, observed, circumstances)
    plan = limit(plan, desired, circumstances)
    plan = freeze(plan, desired, circumstances)
    plan = demand_commits(plan, desired, circumstances)
    return heed_alarms(plan, desired, observed)


def objections(desired: DesiredState, circumstances: Circumstances) -> tuple[Problem, ...]:
    """What stands against every change of the environment, here and now."""
    freezing = freeze_refusal(desired, circumstances)
    return (*((freezing,) if freezing else ()), *commit_refusals(desired, circumstances))
