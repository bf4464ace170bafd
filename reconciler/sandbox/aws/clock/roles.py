"""What EventBridge Scheduler needs of a schedule's role.

https://docs.aws.amazon.com/scheduler/latest/UserGuide/setting-up.html#setting-up-execution-role
"""

from collections.abc import Iterator, Mapping
from typing import Any

from moto.core import DEFAULT_ACCOUNT_ID

from reconciler.sandbox.aws.iam.errands import Errand

SCHEDULER = "scheduler.amazonaws.com"
SUBMIT, TAG = "batch:SubmitJob", "batch:TagResource"
UNTRUSTED = "The execution role you provide must allow AWS EventBridge Scheduler to assume the role."
"""https://docs.aws.amazon.com/scheduler/latest/UserGuide/troubleshooting.html, and awslabs/serverless-patterns."""


def errand(role: str, region: str, group: str = "default") -> Errand:
    """Scheduler tells a role the group of a schedule, never the schedule itself."""
    return Errand(SCHEDULER, role, f"arn:aws:scheduler:{region}:{DEFAULT_ACCOUNT_ID}:schedule-group/{group}")


def check(role: str, region: str, wanted: Mapping[str, Any]) -> None:
    """Take the role and submit the job that a schedule wants. Raises RuntimeError with what is in the way."""
    taken = errand(role, region)
    if not taken.trusted:
        raise RuntimeError(UNTRUSTED)
    for action, resource in _asked(region, wanted):
        tags = {f"aws:requesttag/{key.lower()}": (value,) for key, value in (wanted.get("Tags") or {}).items()}
        if taken.refused([action], resource, tags):
            raise RuntimeError(taken.sentence(action, resource))


def _asked(region: str, wanted: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    batch = f"arn:aws:batch:{region}:{DEFAULT_ACCOUNT_ID}"
    for kind, name in (("job-queue", wanted["JobQueue"]), ("job-definition", wanted["JobDefinition"])):
        yield SUBMIT, name if name.startswith("arn:") else f"{batch}:{kind}/{name}"
    yield SUBMIT, f"{batch}:job/*"
    if wanted.get("Tags"):
        yield TAG, f"{batch}:job/*"
