"""Drift: the world moved while git did not. What is done about it is each project's policy."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from reconciler.core.actions import Cause, cause
from reconciler.core.desired import DriftPolicy
from reconciler.core.verdict import Part, Problem

STATE_BUCKET = "aws_s3_bucket.state[0]"
"""Its address in the stack `bootstrap`."""


@dataclass(frozen=True, slots=True)
class ResourceDrift:
    """A resource that is not as it was applied."""

    address: str
    """Terraform's, such as `aws_sagemaker_endpoint.live[0]`."""
    action: str
    """What would bring it back: `create`, `update`, `replace` or `delete`."""
    fields: tuple[str, ...] = ()
    """Names of the attributes that differ; never their values, which may be secret."""


@dataclass(frozen=True, slots=True)
class StackDrift:
    """One stack, looked at with what it was last applied with."""

    kind: str
    project: str | None
    resources: tuple[ResourceDrift, ...] = ()
    unknown: Problem | None = None
    """Why it could not be looked at."""
    policy: DriftPolicy = DriftPolicy.CORRECT
    other_code: bool = False
    """Whether the stack's Terraform code is not what it was applied with: the plan shows that as well."""

    @property
    def drifted(self) -> bool:
        """Whether anybody wants to hear of it."""
        return bool(self.resources) and self.policy is not DriftPolicy.IGNORE


def absurd(resources: Iterable[ResourceDrift]) -> Problem | None:
    """Why a plan tells nothing of the world: it would make the very bucket from which the stack's state was read.

    What S3 refuses to HeadBucket has no body, and Terraform's provider takes it for a bucket that is gone.
    """
    if any(one.address == STATE_BUCKET and one.action == "create" for one in resources):
        what = "the state bucket is taken for gone, although the state was read from it: S3 refuses to find it for us"
        return Problem(what, "allow s3:ListBucket on it without a condition: reconcile bootstrap gives the roles that")
    return None


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
