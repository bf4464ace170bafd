"""The resources of the stand-in stacks: how each kind is looked up, made, changed and deleted in AWS.

Addresses, names and tags are those of `terraform/stacks`; of each stack only what the reconciler meets is there.
"""

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

ACCOUNT, REGION = "123456789012", "eu-west-1"
TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})
Client = Callable[[str], Any]


@dataclass(frozen=True)
class Resource:
    """What a stack wants."""

    kind: str
    address: str
    """As Terraform writes it: `aws_sagemaker_model.release["v1-abc"]`."""
    name: str
    want: Mapping[str, Any] = field(default_factory=dict)


class NotThere(Exception):
    """There is no such resource."""


def exists(client: Client, kind: str, identity: str) -> bool:
    """Whether AWS has it."""
    try:
        return _LOOK[kind](client, identity)
    except Exception as fault:
        code = getattr(fault, "response", {}).get("Error", {}).get("Code", "")
        if "NotFound" in code or "NoSuch" in code or "could not find" in str(fault).lower():
            return False
        raise


def create(client: Client, one: Resource, tags: Mapping[str, str]) -> str:
    """Make it; fails where the name is taken, as Terraform does. Returns its id."""
    return _CREATE[one.kind](client, one, [{"Key": key, "Value": value} for key, value in tags.items()]) or one.name


def update(client: Client, one: Resource, identity: str, tags: Mapping[str, str]) -> str:
    """Change it in place; returns its id."""
    if one.kind == "aws_batch_job_definition":
        old, fresh = identity, create(client, one, tags)
        client("batch").deregister_job_definition(jobDefinition=old)
        return fresh
    if one.kind == "aws_sagemaker_endpoint":
        sagemaker = client("sagemaker")
        sagemaker.update_endpoint(EndpointName=one.name, EndpointConfigName=one.want["configuration"])
        settle(client, one.name)
    return identity


def identity(client: Client, one: Resource) -> str:
    """What an `import` block names it by."""
    if one.kind != "aws_batch_job_queue":
        return one.name
    return str(client("batch").describe_job_queues(jobQueues=[one.name])["jobQueues"][0]["jobQueueArn"])


def actual(client: Client, one: Resource) -> Mapping[str, Any]:
    """What it is in AWS, as far as that is ever another thing than what was wanted."""
    if one.kind != "aws_sagemaker_endpoint":
        return one.want
    return {"configuration": client("sagemaker").describe_endpoint(EndpointName=one.name)["EndpointConfigName"]}


def delete(client: Client, kind: str, identity: str) -> None:
    """Delete it."""
    _DELETE[kind](client, identity)


def settle(client: Client, name: str) -> str:
    """Wait, as the provider does, until an endpoint is in none of the passing states; returns its status."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        status = client("sagemaker").describe_endpoint(EndpointName=name)["EndpointStatus"]
        if status in ("InService", "Failed", "OutOfService"):
            return str(status)
        time.sleep(0.02)
    raise TimeoutError(f"endpoint {name} does not come to rest")


def _look_definition(client: Client, identity: str) -> bool:
    found = client("batch").describe_job_definitions(jobDefinitions=[identity])["jobDefinitions"]
    return any(one["status"] == "ACTIVE" for one in found)


def _look_group(client: Client, identity: str) -> bool:
    groups = client("logs").describe_log_groups(logGroupNamePrefix=identity)["logGroups"]
    return any(one["logGroupName"] == identity for one in groups)


_LOOK: dict[str, Callable[[Client, str], Any]] = {
    "terraform_data": lambda client, identity: True,
    "aws_sns_topic": lambda client, identity: client("sns").get_topic_attributes(TopicArn=identity),
    "aws_iam_role": lambda client, identity: client("iam").get_role(RoleName=identity),
    "aws_batch_compute_environment": lambda client, identity: client("batch").describe_compute_environments(
        computeEnvironments=[identity]
    )["computeEnvironments"],
    "aws_batch_job_queue": lambda client, identity: client("batch").describe_job_queues(jobQueues=[identity])[
        "jobQueues"
    ],
    "aws_ecr_repository": lambda client, identity: client("ecr").describe_repositories(repositoryNames=[identity]),
    "aws_cloudwatch_log_group": _look_group,
    "aws_batch_job_definition": _look_definition,
    "aws_sagemaker_model": lambda client, identity: client("sagemaker").describe_model(ModelName=identity),
    "aws_sagemaker_endpoint_configuration": lambda client, identity: client("sagemaker").describe_endpoint_config(
        EndpointConfigName=identity
    ),
    "aws_sagemaker_endpoint": lambda client, identity: client("sagemaker").describe_endpoint(EndpointName=identity),
}

Tags = list[dict[str, str]]


def _create_queue(client: Client, one: Resource, tags: Tags) -> str:
    found = client("batch").describe_compute_environments()["computeEnvironments"]
    newest = max(each["computeEnvironmentArn"] for each in found if one.want["of"] in each["computeEnvironmentArn"])
    order = [{"order": 1, "computeEnvironment": newest}]
    return str(
        client("batch").create_job_queue(
            jobQueueName=one.name, priority=1, state="ENABLED", computeEnvironmentOrder=order, **_plain(tags)
        )["jobQueueArn"]
    )


def _create_definition(client: Client, one: Resource, tags: Tags) -> str:
    answer = client("batch").register_job_definition(
        jobDefinitionName=one.name,
        type="container",
        platformCapabilities=["FARGATE"],
        propagateTags=True,
        **_plain(tags),
        containerProperties=one.want["container"],
    )
    return str(answer["jobDefinitionArn"])


def _create_model(client: Client, one: Resource, tags: Tags) -> None:
    client("sagemaker").create_model(
        ModelName=one.name,
        ExecutionRoleArn=f"arn:aws:iam::{ACCOUNT}:role/serving",
        PrimaryContainer={"Image": one.want["image"]},
        Tags=tags,
    )


def _create_configuration(client: Client, one: Resource, tags: Tags) -> None:
    variant = {"VariantName": "AllTraffic", "ModelName": one.name, "InitialVariantWeight": 1.0, **one.want["size"]}
    client("sagemaker").create_endpoint_config(EndpointConfigName=one.name, ProductionVariants=[variant], Tags=tags)


def _create_endpoint(client: Client, one: Resource, tags: Tags) -> None:
    client("sagemaker").create_endpoint(EndpointName=one.name, EndpointConfigName=one.want["configuration"], Tags=tags)
    if (status := settle(client, one.name)) != "InService":
        raise RuntimeError(f"unexpected state '{status}', wanted target 'InService'")


def _create_environment(client: Client, one: Resource, tags: Tags) -> str:
    """Terraform gives each a new name: the time, which sorts."""
    name = f"{one.name}{time.time_ns()}"
    client("batch").create_compute_environment(
        computeEnvironmentName=name, type="UNMANAGED", state="ENABLED", **_plain(tags)
    )
    return name


def _create_role(client: Client, one: Resource, tags: Tags) -> None:
    client("iam").create_role(RoleName=one.name, AssumeRolePolicyDocument=TRUST, Tags=tags)


def _create_repository(client: Client, one: Resource, tags: Tags) -> None:
    client("ecr").create_repository(repositoryName=one.name, imageTagMutability="IMMUTABLE", tags=tags)


_CREATE: dict[str, Callable[[Client, Resource, Tags], str | None]] = {
    "terraform_data": lambda client, one, tags: None,
    "aws_sns_topic": lambda client, one, tags: client("sns").create_topic(Name=one.name, Tags=tags)["TopicArn"],
    "aws_iam_role": _create_role,
    "aws_batch_compute_environment": _create_environment,
    "aws_batch_job_queue": _create_queue,
    "aws_ecr_repository": _create_repository,
    "aws_cloudwatch_log_group": lambda client, one, tags: (
        client("logs").create_log_group(logGroupName=one.name, **_plain(tags)) and None
    ),
    "aws_batch_job_definition": _create_definition,
    "aws_sagemaker_model": _create_model,
    "aws_sagemaker_endpoint_configuration": _create_configuration,
    "aws_sagemaker_endpoint": _create_endpoint,
}


def _delete_endpoint(client: Client, identity: str) -> None:
    client("sagemaker").delete_endpoint(EndpointName=identity)
    deadline = time.monotonic() + 30
    while exists(client, "aws_sagemaker_endpoint", identity) and time.monotonic() < deadline:
        time.sleep(0.02)


def _delete_queue(client: Client, identity: str) -> None:
    client("batch").update_job_queue(jobQueue=identity, state="DISABLED")
    client("batch").delete_job_queue(jobQueue=identity)


def _delete_environment(client: Client, identity: str) -> None:
    client("batch").update_compute_environment(computeEnvironment=identity, state="DISABLED")
    client("batch").delete_compute_environment(computeEnvironment=identity)


def _delete_definition(client: Client, identity: str) -> None:
    """Every revision of the name, as the provider does."""
    name = identity.rpartition("/")[2].partition(":")[0]
    batch = client("batch")
    for one in batch.describe_job_definitions(jobDefinitionName=name, status="ACTIVE")["jobDefinitions"]:
        batch.deregister_job_definition(jobDefinition=one["jobDefinitionArn"])


_DELETE: dict[str, Callable[[Client, str], Any]] = {
    "terraform_data": lambda client, identity: None,
    "aws_sns_topic": lambda client, identity: client("sns").delete_topic(TopicArn=identity),
    "aws_iam_role": lambda client, identity: client("iam").delete_role(RoleName=identity),
    "aws_batch_compute_environment": _delete_environment,
    "aws_batch_job_queue": _delete_queue,
    "aws_ecr_repository": lambda client, identity: client("ecr").delete_repository(repositoryName=identity, force=True),
    "aws_cloudwatch_log_group": lambda client, identity: client("logs").delete_log_group(logGroupName=identity),
    "aws_batch_job_definition": _delete_definition,
    "aws_sagemaker_model": lambda client, identity: client("sagemaker").delete_model(ModelName=identity),
    "aws_sagemaker_endpoint_configuration": lambda client, identity: client("sagemaker").delete_endpoint_config(
        EndpointConfigName=identity
    ),
    "aws_sagemaker_endpoint": _delete_endpoint,
}


def _plain(tags: Tags) -> dict[str, dict[str, str]]:
    """As an argument, which AWS takes with an entry at least."""
    return {"tags": {tag["Key"]: tag["Value"] for tag in tags}} if tags else {}


def split(address: str) -> tuple[str, str, Any]:
    """Type, name and index of an address: `aws_x.y["z"]`, `aws_x.y[0]`, `aws_x.y`."""
    found = re.fullmatch(r"(\w+)\.(\w+)(?:\[(.+)\])?", address)
    assert found, f"{address} is no address"
    return found[1], found[2], json.loads(found[3]) if found[3] else None
