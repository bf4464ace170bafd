"""What there is in AWS under our names, whoever made it, and whose it is: its tags say."""

from collections.abc import Callable, Mapping
from typing import Any

from reconciler.adapters.aws.answers import Meaning, means
from reconciler.adapters.aws.described import CONFIGURATIONS, ENDPOINTS, MODELS, PAGE, Shelf, described, listed
from reconciler.adapters.aws.faults import AWS_FAULTS, failed, reading
from reconciler.adapters.aws.session import Aws
from reconciler.core.homes import Kind, Thing


class AwsInventory:
    """Things of one region by their names."""

    def __init__(self, aws: Aws) -> None:
        self._aws = aws

    def find(self, prefix: str) -> tuple[Thing, ...]:
        """Models, endpoint configurations and image repositories whose names start with `prefix`, sorted.

        Raises ReadFailed.
        """
        with reading("what there is in SageMaker and ECR"):
            sagemaker = self._aws.client("sagemaker")
            models, configurations = (listed(sagemaker, shelf, prefix) for shelf in (MODELS, CONFIGURATIONS))
            repositories = self._repositories()
        kinds = ((Kind.MODEL, models), (Kind.CONFIGURATION, configurations), (Kind.REPOSITORY, repositories))
        # Repositories are in a folder of that name.
        starts = (prefix, f"{prefix.removesuffix('-')}/")
        return tuple(sorted(Thing(kind, name) for kind, found in kinds for name in found if name.startswith(starts)))

    def tags(self, thing: Thing) -> Mapping[str, str] | None:
        """Tags of one thing; None when there is none of its kind and name. Raises ReadFailed."""
        try:
            return _READERS[thing.kind](self._aws, thing.name)
        except AWS_FAULTS as fault:
            if means(fault, Meaning.ABSENT) or means(fault, Meaning.NO_BUCKET):
                return None
            raise failed(fault, f"the tags of {thing}") from fault

    def _repositories(self) -> list[str]:
        pages = (
            self._aws.client("ecr").get_paginator("describe_repositories").paginate(PaginationConfig={"PageSize": PAGE})
        )
        return [item["repositoryName"] for page in pages for item in page["repositories"]]


def _sagemaker(shelf: Shelf, arn: str) -> Callable[[Aws, str], Mapping[str, str] | None]:
    def read(aws: Aws, name: str) -> Mapping[str, str] | None:
        client = aws.client("sagemaker")
        found = described(client, shelf, name)
        return _plain(client.list_tags(ResourceArn=found[arn])["Tags"]) if found else None

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
        if means(fault, Meaning.UNSET):
            return {}
        raise


def _plain(tags: list[dict[str, Any]]) -> dict[str, str]:
    return {str(tag["Key"]): str(tag["Value"]) for tag in tags}


_READERS: Mapping[Kind, Callable[[Aws, str], Mapping[str, str] | None]] = {
    Kind.ENDPOINT: _sagemaker(ENDPOINTS, "EndpointArn"),
    Kind.MODEL: _sagemaker(MODELS, "ModelArn"),
    Kind.CONFIGURATION: _sagemaker(CONFIGURATIONS, "EndpointConfigArn"),
    Kind.REPOSITORY: _repository,
    Kind.ROLE: _role,
    Kind.LOG_GROUP: _log_group,
    Kind.BUCKET: _bucket,
    Kind.QUEUE: _queue,
    Kind.TEMPLATE: _template,
}
