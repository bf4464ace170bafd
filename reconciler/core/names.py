"""The name of everything in AWS, in one place.

Platform (≤ 15), environment (≤ 8) and project (≤ 24) keep every name, the longest being
`<platform>-<environment>-<project>-v9999-<7 hex>`, within SageMaker's 63 characters.
"""

import re
from collections.abc import Iterable

from reconciler.core.desired import Compute, Platform, Training
from reconciler.core.partitions import partition

DIGEST_LENGTH = 12
"""Hex digits of a source digest that stand in image tags and job names."""
SCHEDULED = "scheduled"
"""Stands in the place of the digest in the names of jobs that a schedule submits."""


def prefix(platform: Platform) -> str:
    """Start of every AWS name of the environment."""
    return f"{platform.name}-{platform.environment}"


def tags(platform: Platform) -> dict[str, str]:
    """What marks everything of the environment as ours; the stacks set the same."""
    return {"reconciler:platform": platform.name, "reconciler:environment": platform.environment}


ADOPTED, VERSION, IDENTITY = "reconciler:adopted", "reconciler:version", "reconciler:identity"
"""Tags by which an adopted endpoint says which configuration it served when it was, which model version that is, and
which of all models that may have the version's number."""


def endpoint(platform: Platform, project: str) -> str:
    """SageMaker endpoint of a project."""
    return f"{prefix(platform)}-{project}"


def data_bucket(platform: Platform, project: str, account: str) -> str:
    """Bucket of a project's captured requests, and of an asynchronous endpoint's requests and answers."""
    return f"{endpoint(platform, project)}-{account}"


def configuration(platform: Platform, project: str, release: str) -> str:
    """Endpoint configuration, and model, of one release."""
    return f"{endpoint(platform, project)}-{release}"


def log_group(endpoint: str) -> str:
    """CloudWatch log group that SageMaker writes an endpoint's containers' output to."""
    return f"/aws/sagemaker/Endpoints/{endpoint}"


def training_log_group(platform: Platform, project: str) -> str:
    """CloudWatch log group that a project's training jobs write to; the stack `training` makes it."""
    return f"/{platform.name}/{platform.environment}/{project}/training"


def job_definition(platform: Platform, project: str) -> str:
    """Batch job definition of a project."""
    return f"{prefix(platform)}-{project}"


def job(platform: Platform, project: str, digest: str) -> str:
    """Batch job that trains one source digest."""
    return f"{prefix(platform)}-{project}-{digest[:DIGEST_LENGTH]}"


def project_of_job(platform: Platform, job_name: str) -> tuple[str, str] | None:
    """Project and short digest, or `SCHEDULED`, that a job's name stands for; None for a job that is not ours."""
    match = re.fullmatch(rf"{re.escape(prefix(platform))}-(.+)-([0-9a-f]{{{DIGEST_LENGTH}}}|{SCHEDULED})", job_name)
    return (match[1], match[2]) if match else None


def queue(platform: Platform, training: Training) -> str:
    """Batch job queue that a training job is submitted to."""
    return f"{prefix(platform)}-{_pool(training.compute, gpu=training.resources.gpu > 0)}"


def queues(platform: Platform) -> tuple[str, ...]:
    """Every job queue of the environment."""
    pools = [_pool(compute, gpu=False) for compute in Compute]
    pools += [_pool(compute, gpu=True) for compute in Compute if not compute.serverless]
    return tuple(f"{prefix(platform)}-{pool}" for pool in pools)


def _pool(compute: Compute, *, gpu: bool) -> str:
    return compute.value.replace("_", "-") + ("-gpu" if gpu else "")


def training_repository(platform: Platform, project: str) -> str:
    """ECR repository of a project's training images."""
    return f"{prefix(platform)}/{project}/training"


def model_repository(platform: Platform, project: str) -> str:
    """ECR repository of a project's model images."""
    return f"{prefix(platform)}/{project}/model"


def experiment(platform: Platform, project: str) -> str:
    """MLflow experiment of a project's runs."""
    return f"{platform.environment}/{project}"


def image(account: str, region: str, repository: str, tag: str) -> str:
    """URI by which Batch and SageMaker pull an image."""
    return f"{account}.dkr.ecr.{region}.{partition(region).suffix}/{repository}:{tag}"


def training_tag(digest: str) -> str:
    """Immutable tag of the image built from a source digest."""
    return digest[:DIGEST_LENGTH]


def model_tag(version: int, identity: str = "") -> str:
    """Immutable tag of the image built from a model version, and from no other model that has its number.

    Without an identity: as it was before images had one.
    """
    return f"v{version}-{identity}" if identity else f"v{version}"


def is_model_tag(tag: str, version: int) -> bool:
    """Whether it is the tag of an image of a model that has, or had, this version's number."""
    return re.fullmatch(rf"v{version}(-[0-9a-f]+)?", tag) is not None


def server_host(platform: Platform) -> str:
    """Host name of the MLflow server that is provisioned here."""
    domain = platform.server.domain if platform.server else ""
    return domain or f"mlflow.{prefix(platform)}.internal"


def server_uri(platform: Platform) -> str:
    """Tracking URI of the MLflow server that is provisioned here."""
    secure = bool(platform.server and platform.server.certificate_arn)
    return f"{'https' if secure else 'http'}://{server_host(platform)}"


def server_repository(platform: Platform) -> str:
    """ECR repository of the MLflow server's image."""
    return f"{prefix(platform)}/mlflow-server"


def server_bucket(platform: Platform, account: str) -> str:
    """Artifact bucket of the MLflow server that is provisioned here."""
    return f"{prefix(platform)}-mlflow-{account}"


def secret(reference: str, region: str, account: str) -> str:
    """ARN of the parameter, or of the secret and a key in it, from which AWS Batch takes the value of a variable.

    https://docs.aws.amazon.com/batch/latest/userguide/specifying-sensitive-data-secrets.html,
    https://docs.aws.amazon.com/batch/latest/userguide/specifying-sensitive-data-parameters.html
    """
    kind, _, where = reference.partition(":")
    if kind == "parameter":
        return f"arn:{partition(region).name}:ssm:{region}:{account}:parameter/{where.removeprefix('/')}"
    name, _, key = where.partition(":")
    whole = f"arn:{partition(region).name}:secretsmanager:{region}:{account}:secret:{name}"
    return f"{whole}:{key}::" if key else whole


def alerts_topic(platform: Platform, account: str) -> str:
    """ARN of the SNS topic that is told of alarms and failed trainings."""
    return f"arn:{partition(platform.region).name}:sns:{platform.region}:{account}:{prefix(platform)}-alerts"


def stack_key(environment: str, kind: str) -> str:
    """State key of a stack that an environment has once: `platform`, `mlflow-server` or `bootstrap`."""
    return f"{environment}/{kind}.tfstate"


def project_key(environment: str, project: str, kind: str) -> str:
    """State key of a project's `training` or `deployment` stack."""
    return f"{environment}/projects/{project}/{kind}.tfstate"


def lease_key(environment: str) -> str:
    """Of the environment's lease in the state bucket."""
    return f"{environment}/lease.json"


def history_key(environment: str, run: str) -> str:
    """Of the record of a run in the state bucket; of the folder of all when `run` is empty."""
    return f"{environment}/history/{run}.json" if run else f"{environment}/history/"


def stack_of(environment: str, key: str) -> tuple[str, str | None] | None:
    """Kind and project of the stack whose state has this key; None for a key that is no stack's."""
    match key.removeprefix(f"{environment}/").removesuffix(".tfstate").split("/"):
        case [kind]:
            return kind, None
        case ["projects", project, kind]:
            return kind, project
        case _:
            return None


def projects_of(environment: str, keys: Iterable[str]) -> tuple[str, ...]:
    """Projects that have a stack among the states of these keys, sorted."""
    start = f"{environment}/projects/"
    return tuple(sorted({key.removeprefix(start).split("/")[0] for key in keys if key.startswith(start)}))
