"""What there is in AWS under our names, whoever made it, and whose it is: its tags say."""

from collections.abc import Callable, Mapping
from typing import Any

from reconciler.adapters.aws.faults import AWS_FAULTS, code_of, failed, reading
from reconciler.adapters.aws.session import Aws
from reconciler.core.homes import Kind, Thing

PAGE = 100
_MISSING = frozenset({"NoSuchBucket", "NoSuchEntity", "RepositoryNotFoundException", "ResourceNotFoundException"})


class AwsInventory:
    """Things of one region by their names."""

    def __init__(self, aws: Aws) -> None:
        self._aws = aws

    def find(self, prefix: str) -> tuple[Thing, ...]:
        """Models, endpoint configurations and image repositories whose names start with `prefix`, sorted.

        Raises ReadFailed.
        """
        models = self._listed("sagemaker", "list_models", "Models", "ModelName", NameContains=prefix)
        configurations = self._listed(
            "sagemaker", "list_endpoint_configs", "EndpointConfigs", "EndpointConfigName", NameContains=prefix
        )
        repositories = self._listed("ecr", "describe_repositories", "repositories", "repositoryName")
        kinds = ((Kind.MODEL, models), (Kind.CONFIGURATION, configurations), (Kind.REPOSITORY, repositories))
        # Repositories are in a folder of that name.
        starts = (prefix, f"{prefix.removesuffix('-')}/")
        return tuple(sorted(Thing(kind, name) for kind, found in kinds for name in found if name.startswith(starts)))

    def tags(self, thing: Thing) -> Mapping[str, str] | None:
        """Tags of one thing; None when there is none of its kind and name. Raises ReadFailed."""
        try:
            return _READERS[thing.kind](self._aws, thing.name)
        except AWS_FAULTS as fault:
            if code_of(fault) in _MISSING or "could not find" in str(fault).lower():
                return None
            raise failed(fault, f"the tags of {thing}") from fault

    def _listed(self, service: str, operation: str, items: str, name: str, **filters: str) -> list[str]:
        paginator = self._aws.client(service).get_paginator(operation)
        with reading(f"what there is ({service} {operation})"):
            pages = paginator.paginate(**filters, PaginationConfig={"PageSize": PAGE})
            return [item[name] for page in pages for item in page[items]]


def _sagemaker(operation: str, key: str, arn: str) -> Callable[[Aws, str], Mapping[str, str]]:
    def read(aws: Aws, name: str) -> Mapping[str, str]:
        client = aws.client("sagemaker")
        described = getattr(client, operation)(**{key: name})
        return _plain(client.list_tags(ResourceArn=described[arn])["Tags"])

    return read


def _repository(aws: Aws, name: str) -> Mapping[str, str]:
    client = aws.client("ecr")
    [found] = client.describe_repositories(repositoryNames=[name])["repositories"]
    return _plain(client.list_tags_for_resource(resourceArn=found["repositoryArn"])["tags"])


def _role(aws: Aws, name: str) -> Mapping[str, str]:
    return _plain(aws.client("iam").get_role(RoleName=name)["Role"].get("Tags", []))


def _template(aws: Aws, name: str) -> Mapping[str, str] | None:
    filters = [{"Name": "launch-template-name", "Values": [name]}]
    found = aws.client("ec2").describe_launch_templates(Filters=filters)["LaunchTemplates"]
    return _plain(found[0].get("Tags", [])) if found else None


def _queue(aws: Aws, name: str) -> Mapping[str, str] | None:
    found = aws.client("batch").describe_job_queues(jobQueues=[name])["jobQueues"]
    return dict(found[0].get("tags", {})) if found else None


def _log_group(aws: Aws, name: str) -> Mapping[str, str] | None:
    client = aws.client("logs")
    groups = client.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    arn = next((group["arn"] for group in groups if group["logGroupName"] == name), None)
    return dict(client.list_tags_for_resource(resourceArn=arn.removesuffix(":*"))["tags"]) if arn else None


def _bucket(aws: Aws, name: str) -> Mapping[str, str]:
    try:
        return _plain(aws.client("s3").get_bucket_tagging(Bucket=name)["TagSet"])
    except AWS_FAULTS as fault:
        if code_of(fault) == "NoSuchTagSet":
            return {}
        raise


def _plain(tags: list[dict[str, Any]]) -> dict[str, str]:
    return {str(tag["Key"]): str(tag["Value"]) for tag in tags}


_READERS: Mapping[Kind, Callable[[Aws, str], Mapping[str, str] | None]] = {
    Kind.ENDPOINT: _sagemaker("describe_endpoint", "EndpointName", "EndpointArn"),
    Kind.MODEL: _sagemaker("describe_model", "ModelName", "ModelArn"),
    Kind.CONFIGURATION: _sagemaker("describe_endpoint_config", "EndpointConfigName", "EndpointConfigArn"),
    Kind.REPOSITORY: _repository,
    Kind.ROLE: _role,
    Kind.LOG_GROUP: _log_group,
    Kind.BUCKET: _bucket,
    Kind.QUEUE: _queue,
    Kind.TEMPLATE: _template,
}
