"""What decides over an environment, and what a policy of its training jobs may therefore not change or hand out.

Whoever changes one of our roles, takes one or hands one to a service has what it may. Whoever writes a state, an image
or a job definition decides what runs with such a role. The names are those that the stacks give: see `core/names.py`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from reconciler.core import names
from reconciler.core.desired import Platform
from reconciler.core.partitions import partition
from reconciler.core.policy import expanded
from reconciler.manifest.policy.patterns import arn_covers, arns_meet, meet

ROLES = (
    "plan",
    "apply",
    "batch-instance",
    "training-flow-logs",
    "mlflow-exec",
    "mlflow-task",
    "mlflow-flow-logs",
    "*-training-job",
    "*-training-exec",
    "*-schedule",
    "*-serving",
)
"""What the names of our roles end in, after the environment's own beginning; `*` is a project."""
_CHANGES_IAM = """
    add* attach* change* create* deactivate* delete* detach* disable* enable* pass* put* remove* reset* set* tag* untag*
    update* upload*
"""
_WRITES_S3 = "create* delete* put* replicate* restore* update* bypass*"
_WRITES_ECR = """
    batchdelete* batchimport* completelayerupload create* delete* initiatelayerupload put* replicate* set* start* tag*
    untag* update* uploadlayerpart
"""
SUBMITS = ("submitjob",)


@dataclass(frozen=True, slots=True)
class Guard:
    """One kind of what is ours, and the actions that it is guarded from."""

    service: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    what: str
    """What an action on it would do."""
    instead: str
    """What to name in its place."""

    def reached(self, action: str, resources: Iterable[str], excepted: Iterable[str]) -> str:
        """The first resource of ours that a statement reaches with an action; empty when it reaches none."""
        service, _, name = action.lower().partition(":")
        if service != self.service or not any(meet(name, one) for one in self.actions):
            return ""
        named = tuple(resources)
        return next((one for one in self._kept(excepted) if any(arns_meet(each, one) for each in named)), "")

    def _kept(self, excepted: Iterable[str]) -> Iterator[str]:
        left_out = tuple(excepted)
        return (one for one in self.resources if not any(arn_covers(each, one) for each in left_out))


@dataclass(frozen=True, slots=True)
class Ours:
    """The guards of one environment, and what the variables of a policy stand for there."""

    guards: tuple[Guard, ...]
    values: Mapping[str, str]
    own_definition: str
    """Job definition of the project whose policy it is: its jobs may submit themselves."""

    def guard_of(self, action: str, resources: Iterable[str], excepted: Iterable[str]) -> tuple[Guard, str] | None:
        """The guard that an action on resources breaks, and the first of ours that it reaches."""
        named = tuple(expanded(one, self.values) for one in resources)
        left_out = tuple(expanded(one, self.values) for one in excepted)
        found = ((guard, guard.reached(action, self._of_others(guard, named), left_out)) for guard in self.guards)
        return next(((guard, reached) for guard, reached in found if reached), None)

    def _of_others(self, guard: Guard, resources: Iterable[str]) -> Iterator[str]:
        return (one for one in resources if not (guard.actions == SUBMITS and self._is_own(one)))

    def _is_own(self, resource: str) -> bool:
        """Whether it is the project's own job definition, in any of its revisions or in one."""
        return resource.rpartition("/")[2].partition(":")[0] == self.own_definition


def ours(platform: Platform, project: str) -> Ours:
    """What is guarded from the jobs of a project."""
    return Ours(tuple(_guards(platform)), _values(platform, project), names.job_definition(platform, project))


def _values(platform: Platform, project: str) -> dict[str, str]:
    account = platform.account or "*"
    return {
        "platform": platform.name,
        "environment": platform.environment,
        "region": platform.region,
        "project": project,
        "account": account,
        "partition": partition(platform.region).name,
        "artifact_bucket": platform.artifact_bucket or names.server_bucket(platform, account),
    }


def _guards(platform: Platform) -> Iterator[Guard]:
    prefix, account = names.prefix(platform), platform.account or "*"
    arn = f"arn:{partition(platform.region).name}"
    iam = f"{arn}:iam::{account}"
    roles = tuple(f"{iam}:role/{prefix}-{name}" for name in ROLES)
    identities = (*roles, f"{iam}:instance-profile/{prefix}-*", f"{iam}:policy/{prefix}-*", f"{iam}:oidc-provider/*")
    elsewhere = "what is not this environment's own, such as arn:${partition}:iam::${account}:role/data-reader"
    hands_out = "changes or hands out permissions of this environment itself"
    yield Guard("iam", tuple(_CHANGES_IAM.split()), identities, hands_out, elsewhere)
    yield Guard("sts", ("assumerole*",), roles, hands_out, elsewhere)
    if platform.state_bucket:
        bucket = f"{arn}:s3:::{platform.state_bucket}"
        states = (bucket, f"{bucket}/{platform.environment}/*", f"{bucket}/*.tfstate")
        writes = "could write the states that decide what exists here"
        yield Guard("s3", tuple(_WRITES_S3.split()), states, writes, "the buckets that are to be written to")
    here = f"{platform.region}:{account}"
    images = (f"{arn}:ecr:{here}:repository/{prefix}/*",)
    pushes = "could replace the images that train and serve here"
    yield Guard("ecr", tuple(_WRITES_ECR.split()), images, pushes, "repositories of its own")
    definitions = (f"{arn}:batch:{here}:job-definition/{prefix}-*",)
    runs = "could run any code with the roles of this environment's other jobs"
    another = "definitions of its own, such as arn:${partition}:batch:${region}:${account}:job-definition/${project}-*"
    yield Guard("batch", ("registerjobdefinition", "deregisterjobdefinition"), definitions, runs, another)
    yield Guard("batch", SUBMITS, definitions, runs, another)
