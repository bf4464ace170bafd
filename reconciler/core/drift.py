"""Drift: the world moved while git did not. What is done about it is each project's policy."""

from dataclasses import replace

from reconciler.core.actions import Cause, cause
from reconciler.core.desired import DriftPolicy
from reconciler.core.verdict import Part


def under_policy(part: Part, policy: DriftPolicy) -> Part:
    """The verdict with what drifted brought back, left and shown, or left.

    A change of git's is carried out whatever the policy, and brings back what drifted in the same stack.
    """
    drifted = tuple(action for action in part.actions if cause(action) is Cause.DRIFTED)
    if policy is DriftPolicy.CORRECT or not drifted:
        return part
    kept = tuple(action for action in part.actions if cause(action) is not Cause.DRIFTED)
    if policy is DriftPolicy.WARN:
        return replace(part, actions=kept, tolerated=drifted)
    return replace(part, actions=kept, synced=not (kept or part.pending or part.problems or part.waits))
