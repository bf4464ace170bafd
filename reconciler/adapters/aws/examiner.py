"""AWS, asked what the doctor wants to know: each request once, for seconds, and none that changes anything."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from reconciler.adapters.aws.answers import Meaning, means
from reconciler.adapters.aws.faults import AWS_FAULTS, failed, is_denied, reading, region_of
from reconciler.adapters.aws.lease import S3Leases
from reconciler.adapters.aws.session import Aws
from reconciler.adapters.aws.state import S3StateStore
from reconciler.core import names
from reconciler.core.desired import Platform
from reconciler.core.doctor.cloud import Bucket, Identity
from reconciler.core.doctor.quotas import Quota
from reconciler.core.lease import Seen
from reconciler.core.partitions import partition
from reconciler.core.statelock import StateLock

_ABSENT = "doctor-asks"
"""Name, behind the environment's prefix, of what is not there: to be told so is to be allowed to ask."""
TAGS = "tags"
"""They tell whose a thing is."""


class AwsExaminer:
    """The account and the environment `platform` in it. `home` reaches EC2 in a region that every account has."""

    def __init__(self, aws: Aws, home: Aws, platform: Platform) -> None:
        self._aws = aws
        self._home = home
        self._platform = platform

    def identity(self) -> Identity:
        """Whose credentials these are. Raises ReadFailed."""
        with reading("the AWS account"):
            found = self._client("sts").get_caller_identity()
        return Identity(str(found["Account"]), str(found["Arn"]))

    def region(self, name: str) -> str:
        """EC2's word for whether the account may use it; empty when there is no such region. Raises ReadFailed."""
        ec2 = self._home.client("ec2", brief=True)
        with reading("the regions of the account"):
            found = ec2.describe_regions(AllRegions=True)["Regions"]
        return next((str(one.get("OptInStatus", "")) for one in found if one["RegionName"] == name), "")

    def denial(self, service: str) -> str:
        """Read one of `SERVICES` as a plan does; empty when that is allowed, else what AWS says. Raises ReadFailed."""
        account = self.identity().account if service == TAGS else ""
        client, operation, arguments = self._questions(account)[service]
        try:
            getattr(self._client(client), operation)(**arguments)
        except AWS_FAULTS as fault:
            if is_denied(fault):
                return failed(fault, service).what
            if not means(fault, Meaning.ABSENT):
                raise failed(fault, service) from fault
        return ""

    def bucket(self) -> Bucket | None:
        """How the state bucket is kept; None when there is none. Raises ReadFailed."""
        name, s3 = self._platform.state_bucket, self._client("s3")
        try:
            s3.list_objects_v2(Bucket=name, Prefix=f"{self._platform.environment}/", MaxKeys=1)
            versioning = s3.get_bucket_versioning(Bucket=name).get("Status")
            encryption = _setting(lambda: s3.get_bucket_encryption(Bucket=name))
            block = _setting(lambda: s3.get_public_access_block(Bucket=name))
        except AWS_FAULTS as fault:
            if means(fault, Meaning.NO_BUCKET):
                return None
            raise failed(fault, f"the state bucket {name}") from fault
        blocked = block.get("PublicAccessBlockConfiguration", {})
        private = bool(blocked) and all(blocked.values())
        return Bucket(versioning == "Enabled", bool(encryption), private, _region_of(s3, name))

    def lease(self) -> Seen | None:
        """The environment's lease; None when nobody ever took it. Raises ReadFailed."""
        return S3Leases(self._aws, self._platform.state_bucket, self._platform.environment).read(brief=True)

    def locks(self) -> Mapping[str, StateLock]:
        """Terraform's locks, by the key of the state that each one locks. Raises ReadFailed."""
        return S3StateStore(self._aws, self._platform.state_bucket, self._platform.environment).locks()

    def quotas(self, service: str, wanted: Collection[str]) -> Mapping[str, Quota]:
        """Those quotas of a service that AWS tells of: the account's own, else the default. Raises ReadFailed."""
        own = self._listed("list_service_quotas", service, frozenset(wanted))
        rest = frozenset(wanted) - own.keys()
        return {**own, **self._listed("list_aws_default_service_quotas", service, rest)}

    def _client(self, service: str) -> Any:
        return self._aws.client(service, brief=True)

    def _listed(self, operation: str, service: str, wanted: frozenset[str]) -> dict[str, Quota]:
        found: dict[str, Quota] = {}
        if not wanted:
            return found
        # SageMaker alone has thousands, and Service Quotas throttles: this client asks again.
        pages = self._aws.client("service-quotas").get_paginator(operation).paginate(ServiceCode=service)
        with reading(f"the quotas of {service}"):
            for page in pages:
                fitting = (one for one in page["Quotas"] if one["QuotaName"] in wanted)
                found |= {one["QuotaName"]: Quota(one["QuotaCode"], float(one["Value"])) for one in fitting}
                if found.keys() == wanted:
                    break
        return found

    def _questions(self, account: str) -> dict[str, tuple[str, str, dict[str, Any]]]:
        """Client, operation and arguments by service: what every plan reads, and what it may read nothing without."""
        absent = f"{names.prefix(self._platform)}-{_ABSENT}"
        region, folder = self._platform.region, f"{names.prefix(self._platform)}/{_ABSENT}"
        repository = f"arn:{partition(region).name}:ecr:{region}:{account}:repository/{folder}"
        variant = f"endpoint/{absent}/variant/none"
        return {
            "SageMaker": ("sagemaker", "list_endpoints", {"NameContains": absent, "MaxResults": 1}),
            "Batch": ("batch", "describe_job_queues", {"jobQueues": [absent]}),
            "ECR": ("ecr", "describe_repositories", {"maxResults": 1}),
            "IAM": ("iam", "get_role", {"RoleName": absent}),
            "CloudWatch": ("cloudwatch", "describe_alarms", {"AlarmNamePrefix": absent, "MaxRecords": 1}),
            "Logs": ("logs", "describe_log_groups", {"logGroupNamePrefix": absent, "limit": 1}),
            "Auto Scaling": (
                "application-autoscaling",
                "describe_scalable_targets",
                {"ServiceNamespace": "sagemaker", "ResourceIds": [variant]},
            ),
            "EventBridge": ("events", "describe_rule", {"Name": absent}),
            "Scheduler": ("scheduler", "get_schedule", {"Name": absent}),
            "tags": ("ecr", "list_tags_for_resource", {"resourceArn": repository}),
            "EC2": ("ec2", "describe_launch_templates", {"MaxResults": 1}),
            "ECS": ("ecs", "describe_clusters", {"clusters": [absent]}),
            "RDS": ("rds", "describe_db_instances", {"MaxRecords": 20}),
            "Load Balancing": ("elbv2", "describe_load_balancers", {"PageSize": 1}),
        }


def _region_of(s3: Any, bucket: str) -> str:
    """Where a bucket is, as S3 says it even to whom it refuses all else; empty when it does not."""
    try:
        return str(s3.head_bucket(Bucket=bucket).get("BucketRegion", ""))
    except AWS_FAULTS as fault:
        return region_of(fault)


def _setting(ask: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any]:
    """A setting of a bucket; empty when AWS says by an error that there is none."""
    try:
        return ask()
    except AWS_FAULTS as fault:
        if means(fault, Meaning.UNSET):
            return {}
        raise
