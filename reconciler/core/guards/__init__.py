"""Guards: what a plan may not do, here and now, unless somebody says so.

They withhold actions; they never add any.
"""

from reconciler.core.desired import DesiredState
from reconciler.core.guards.circumstances import Circumstances
from reconciler.core.guards.pauses import suspend
from reconciler.core.guards.renames import doubt
from reconciler.core.guards.retirement import limit, protect
from reconciler.core.observed import ObservedState
from reconciler.core.verdict import Plan

__all__ = ["Circumstances", "guard"]


def guard(plan: Plan, desired: DesiredState, observed: ObservedState, circumstances: Circumstances) -> Plan:
    """The plan without what may not be done, and why. What one guard withholds, the next ones do not see."""
    plan = suspend(plan, desired, circumstances)
    plan = protect(plan, desired, observed)
    plan = doubt(plan, desired, observed, circumstances)
    return limit(plan, desired, circumstances)
