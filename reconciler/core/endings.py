"""How a training job ended: whose fault it was that it failed, by the words of AWS and of the job's own log.

Batch and ECS say why in sentences, with no code beside them. Words that are in no row blame nobody, and, unlike a
release, a training is not tried again for them: it may cost hours, and a job that a person stopped ends in that
person's own words.
"""

from dataclasses import dataclass
from enum import Enum

BATCH = "https://docs.aws.amazon.com/batch/latest/userguide"
ECS = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide"

PAUSE = 15 * 60
"""Seconds after which a training is tried again that failed through no fault of its own; twice as long each time."""
LONGEST_PAUSE = 6 * 3600
"""Seconds; Batch itself waits as long for capacity before it cancels a job (`terraform/stacks/platform/queues.tf`)."""


class Fault(Enum):
    """Whose fault it is."""

    WORLD = "that of AWS or of the network: the same source may well be trained another time"
    DEMAND = "that of what the manifest asks for: more than there is, or less than the training needs"
    CODE = "the code's own"
    NOBODY = "nobody knows"


class Key(Enum):
    """Keys of the manifest that a job may fail for."""

    MEMORY = "training.resources.memory"
    TIMEOUT = "training.timeout"
    RESOURCES = "training.resources"
    MAX_VCPUS = "max_vcpus"


@dataclass(frozen=True, slots=True)
class Row:
    """Words of a reason, in any case of letters, and what they say in ours."""

    fault: Fault
    words: str
    said: str
    source: str
    key: Key | None = None
    """What to change in the manifest."""
    remedy: str = ""
    """What else helps, when it goes on."""
    again: bool = False
    """Whether the remedy changes nothing of what is trained, so that somebody has to ask for the training."""


ELSEWHERE = "if that goes on, take another training.compute or fewer training.resources"
SET_UP = "if that goes on: do its subnets reach ECR, CloudWatch and MLflow, and may its execution role use them?"
SECRETS = "put it where training.secrets says, or commit where it is"
IMAGE = "if that goes on: is the image in ECR, and do its subnets reach ECR?"
TAKEN = "if that goes on, raise training.attempts, or take a training.compute that is not spot"

TABLE = (
    Row(
        Fault.DEMAND,
        "MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE",
        "no pool may grow as large as it asks for",
        f"{BATCH}/job_stuck_in_runnable.html",
        Key.MAX_VCPUS,
    ),
    Row(
        Fault.DEMAND,
        "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT",
        "no instance has what it asks for",
        f"{BATCH}/job_stuck_in_runnable.html",
        Key.RESOURCES,
    ),
    Row(
        Fault.DEMAND,
        "OutOfMemory",
        "it needed more memory than it was given",
        f"{ECS}/out-of-memory.html",
        Key.MEMORY,
    ),
    Row(
        Fault.DEMAND,
        "Job attempt duration exceeded timeout",
        "it took longer than one attempt may take",
        f"{BATCH}/job_timeouts.html",
        Key.TIMEOUT,
    ),
    Row(
        Fault.WORLD,
        "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY",
        "AWS had no capacity for it",
        f"{BATCH}/job_stuck_in_runnable_capacity.html",
        remedy=ELSEWHERE,
    ),
    Row(
        Fault.WORLD,
        "Capacity is unavailable at this time",
        "AWS had no capacity for it",
        "https://github.com/sil-org/ecs-deploy/issues/277, of Fargate",
        remedy=ELSEWHERE,
    ),
    Row(
        Fault.WORLD,
        "Your Spot Task was interrupted",
        "AWS took its capacity back",
        f"{ECS}/fargate-capacity-providers.html",
        remedy=TAKEN,
    ),
    Row(
        Fault.WORLD,
        "Host EC2",
        "its host is gone",
        "https://github.com/ministryofjustice/modernisation-platform-environments/pull/17291, "
        "https://github.com/azavea/raster-vision-aws/issues/15",
        remedy=TAKEN,
    ),
    Row(
        Fault.WORLD,
        "CannotPull",
        "its image could not be pulled",
        f"{ECS}/task_cannot_pull_image.html",
        remedy=IMAGE,
    ),
    # Rows before this one: the same word stands before what no other time will mend.
    Row(
        Fault.DEMAND,
        "invalid ssm parameters",
        "a parameter that its secrets name is not there",
        f"{ECS}/resource-initialization-error.html",
        remedy=SECRETS,
        again=True,
    ),
    Row(
        Fault.DEMAND,
        "Secrets Manager can't find the specified secret",
        "a secret that it names is not there",
        f"{ECS}/resource-initialization-error.html",
        remedy=SECRETS,
        again=True,
    ),
    Row(
        Fault.DEMAND,
        "did not contain json key",
        "a secret that it names has no such key",
        "https://github.com/aws/amazon-ecs-agent/blob/master/agent/taskresource/asmsecret/asmsecret.go",
        remedy=SECRETS,
        again=True,
    ),
    Row(
        Fault.WORLD,
        "ResourceInitializationError",
        "AWS could not set its container up",
        f"{ECS}/resource-initialization-error.html",
        remedy=SET_UP,
    ),
    Row(
        Fault.WORLD,
        "ECS was unable to assume the role",
        "AWS could not take its role, which may be new",
        "https://repost.aws/knowledge-center/ecs-unable-to-assume-role",
        remedy="if that goes on, look at the role's trust policy",
    ),
    Row(
        Fault.WORLD,
        "Timeout waiting for network interface provisioning",
        "AWS could not set its container up",
        f"{ECS}/stopped-task-error-codes.html",
        remedy=SET_UP,
    ),
    Row(
        Fault.WORLD,
        "Timeout waiting for EphemeralStorage provisioning",
        "AWS could not set its container up",
        f"{ECS}/stopped-task-error-codes.html",
    ),
    Row(
        Fault.WORLD,
        "DockerTimeoutError",
        "its host did not start its container in time",
        f"{ECS}/stopped-task-error-codes.html",
    ),
    Row(
        Fault.WORLD,
        "ContainerRuntimeTimeoutError",
        "its host did not start its container in time",
        f"{ECS}/stopped-task-error-codes.html",
    ),
    Row(
        Fault.WORLD,
        "CannotCreateVolumeError",
        "its host could not start its container",
        f"{ECS}/stopped-task-error-codes.html",
    ),
    Row(
        Fault.WORLD,
        "CannotInspectContainerError",
        "its host could not start its container",
        f"{ECS}/stopped-task-error-codes.html",
    ),
    Row(
        Fault.WORLD,
        "InternalError",
        "AWS failed inside",
        f"{ECS}/stopped-task-error-codes.html",
    ),
    Row(
        Fault.WORLD,
        "ThrottlingException",
        "AWS throttled it",
        "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/CommonErrors.html",
    ),
    # Its container is there, and the command is not: no other host has it either.
    Row(
        Fault.CODE,
        "CannotStartContainerError",
        "its container could not be started",
        f"{ECS}/cannot-start-container.html",
    ),
    Row(Fault.WORLD, "Task failed to start", "AWS could not start it", f"{BATCH}/job_retries.html", remedy=SET_UP),
    Row(Fault.CODE, "Essential container in task exited", "", f"{ECS}/stopped-task-error-codes.html"),
)

_UNKNOWN = Row(Fault.NOBODY, "", "", "")


@dataclass(frozen=True, slots=True)
class Trap:
    """What the end of a job's log says when the code fell into something that many fall into."""

    words: tuple[str, ...]
    """All of them, in any case of letters."""
    remedy: str
    source: str
    fault: Fault = Fault.CODE
    said: str = ""


NO_RUN_OF_ITS_OWN = "got no MLflow run of its own"
"""Words of `terraform/stacks/training/attempt.py`."""

TRAPS = (
    Trap(
        ("active experiment ID does not match environment run ID",),
        "the code chooses an experiment: take mlflow.set_experiment out, for the platform names experiment and server",
        "mlflow/tracking/fluent.py, start_run",
    ),
    Trap(
        ("Run with id=", "not found"),
        "the code asks another MLflow server than the one that its run is on: take mlflow.set_tracking_uri out, "
        "for the platform names experiment and server",
        "mlflow/store/tracking/sqlalchemy_store.py, _get_run",
    ),
    Trap(
        ("Changing param values is not allowed",),
        "the code logs one parameter twice with different values: log it once, or as a metric or a tag",
        "mlflow/store/tracking/sqlalchemy_store.py, log_param",
    ),
    Trap(
        (NO_RUN_OF_ITS_OWN,),
        "does the MLflow server answer the jobs' network?",
        "terraform/stacks/training/attempt.py",
        Fault.WORLD,
        "MLflow gave its attempt no run",
    ),
    Trap(
        ("ModuleNotFoundError: No module named",),
        "name its package among the requirements; code that stands elsewhere in the repository has to be in the folder "
        "of the project (docs/projects.md)",
        "https://docs.python.org/3/library/exceptions.html#ModuleNotFoundError",
    ),
)


@dataclass(frozen=True, slots=True)
class Ending:
    """How a job failed, as it is remembered."""

    reason: str
    """Batch's words, the container's, and its exit code."""
    at: int
    """Milliseconds since the epoch."""
    log: str = ""
    """The end of the failing attempt's log; lines."""
    unread: str = ""
    """Why that could not be read."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whose fault an ending is, in a few words of ours, and what helps."""

    fault: Fault
    said: str
    key: Key | None
    remedy: str
    again: bool = False
    """See Row."""


def judge(ending: Ending) -> Judgement:
    """Whose fault it is that a job failed. The log counts only where AWS says no more than that the code ended."""
    said = ending.reason.lower()
    row = next((row for row in TABLE if row.words.lower() in said), _UNKNOWN)
    trap = _trap(ending.log) if row.fault is Fault.CODE else None
    if trap:
        return Judgement(trap.fault, trap.said, None, trap.remedy)
    return Judgement(row.fault, row.said, row.key, row.remedy, row.again)


def _trap(log: str) -> Trap | None:
    said = log.lower()
    return next((trap for trap in TRAPS if all(word.lower() in said for word in trap.words)), None)


def pause(tries: int) -> int:
    """Seconds to wait after the `tries`-th failure in a row that was not the code's."""
    return int(min(PAUSE * 2 ** (tries - 1), LONGEST_PAUSE))
