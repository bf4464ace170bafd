"""Which Terraform stack a thing under our names belongs to, and under which address: names say it all.

Only kinds that AWS refuses to make twice under one name are here; everything else is simply put again.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from reconciler.core import names
from reconciler.core.desired import AsyncEndpoint, Platform, Project

RELEASE = re.compile(r"(?P<project>.+)-(?P<release>v[0-9]{1,4}-[0-9a-f]{7})")


PLATFORM = "platform"
"""Kind of the environment's own stack."""


class Kind(StrEnum):
    """What a thing is, as a person calls it."""

    ENDPOINT = "endpoint"
    MODEL = "model"
    CONFIGURATION = "endpoint configuration"
    REPOSITORY = "image repository"
    ROLE = "role"
    LOG_GROUP = "log group"
    BUCKET = "bucket"
    QUEUE = "job queue"
    TEMPLATE = "launch template"


@dataclass(frozen=True, slots=True, order=True)
class Thing:
    """Something in AWS, by its kind and its name."""

    kind: Kind
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


@dataclass(frozen=True, slots=True)
class Home:
    """Where a thing belongs."""

    stack: str
    """Kind of the stack."""
    project: str | None
    address: str
    """Terraform's address of the resource in that stack."""


def home(platform: Platform, thing: Thing) -> Home | None:
    """Where a thing of this name belongs; None when no name of ours looks like it."""
    if thing.kind is Kind.REPOSITORY:
        return _repository(platform, thing.name)
    own = thing.name.removeprefix(f"{names.prefix(platform)}-")
    if thing.kind is Kind.ENDPOINT:
        return Home("deployment", own, "aws_sagemaker_endpoint.live[0]")
    found = RELEASE.fullmatch(own)
    if found is None or thing.kind not in _RELEASED:
        return None
    return Home("deployment", found["project"], f'{_RELEASED[thing.kind]}.release["{found["release"]}"]')


_RELEASED = {Kind.MODEL: "aws_sagemaker_model", Kind.CONFIGURATION: "aws_sagemaker_endpoint_configuration"}


def _repository(platform: Platform, name: str) -> Home | None:
    match name.removeprefix(f"{names.prefix(platform)}/").split("/"):
        case ["mlflow-server"]:
            return Home("mlflow-server", None, "aws_ecr_repository.server")
        case [project, "training" | "model" as use]:
            return Home("deployment" if use == "model" else "training", project, f"aws_ecr_repository.{use}")
        case _:
            return None


def unlisted_of_platform(platform: Platform) -> Iterable[tuple[Thing, Home]]:
    """What the platform's stack makes that cannot be made twice under one name."""
    prefix = names.prefix(platform)
    addresses = {
        Thing(Kind.ROLE, f"{prefix}-batch-instance"): "aws_iam_role.instance",
        Thing(Kind.TEMPLATE, f"{prefix}-training"): "aws_launch_template.training",
    }
    for queue in names.queues(platform):
        pool = queue.removeprefix(f"{prefix}-")
        addresses[Thing(Kind.QUEUE, queue)] = f'aws_batch_job_queue.pool["{pool}"]'
    if platform.cidr:
        folder = f"/{platform.name}/{platform.environment}/training/flow"
        addresses[Thing(Kind.ROLE, f"{prefix}-training-flow-logs")] = "aws_iam_role.flow[0]"
        addresses[Thing(Kind.LOG_GROUP, folder)] = "aws_cloudwatch_log_group.flow[0]"
    return ((thing, Home(PLATFORM, None, address)) for thing, address in addresses.items())


def unlisted(platform: Platform, account: str, project: Project) -> Iterable[tuple[Thing, Home]]:
    """What a project's stacks make that no list of ours tells, and that cannot be made twice."""
    name, folder = names.endpoint(platform, project.name), f"/{platform.name}/{platform.environment}/{project.name}"
    training = {
        Thing(Kind.ROLE, f"{name}-training-exec"): "aws_iam_role.execution",
        Thing(Kind.ROLE, f"{name}-training-job"): "aws_iam_role.job",
        Thing(Kind.LOG_GROUP, f"{folder}/training"): "aws_cloudwatch_log_group.training",
    }
    deployment = {
        Thing(Kind.ROLE, f"{name}-serving"): "aws_iam_role.serving",
        Thing(Kind.LOG_GROUP, f"/aws/sagemaker/Endpoints/{name}"): "aws_cloudwatch_log_group.endpoint",
    }
    if project.training.schedule:
        training[Thing(Kind.ROLE, f"{name}-schedule")] = "aws_iam_role.schedule[0]"
    wanted = project.deployment
    if wanted and (wanted.capture or isinstance(wanted.endpoint, AsyncEndpoint)):
        bucket = names.data_bucket(platform, project.name, account)
        deployment[Thing(Kind.BUCKET, bucket)] = "aws_s3_bucket.data[0]"
    for kind, things in (("training", training), ("deployment", deployment if wanted else {})):
        yield from ((thing, Home(kind, project.name, address)) for thing, address in things.items())
