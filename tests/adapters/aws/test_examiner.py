"""What the doctor asks AWS: each thing once, and nothing that changes anything."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from reconciler.adapters.aws.examiner import AwsExaminer
from reconciler.adapters.aws.lease import S3Leases
from reconciler.adapters.aws.session import Aws
from reconciler.core.doctor.cloud import SERVICES, Bucket, Identity
from reconciler.core.doctor.quotas import Quota
from reconciler.core.lease import Holder, Lease
from reconciler.errors import ReadFailed
from support.builders import PLATFORM
from support.checkout import REPOSITORY
from support.moto_server import BUCKET

THERE = replace(PLATFORM, state_bucket=BUCKET)
AES = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}
WAYS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
READ_POLICIES = "".join(
    path.read_text() for path in sorted((REPOSITORY / "terraform/stacks/bootstrap").glob("policies_read*.tf"))
)
BEYOND_SERVICES = (
    "ec2:DescribeRegions",
    "s3:GetBucketPublicAccessBlock",
    "s3:GetBucketVersioning",
    "s3:GetEncryptionConfiguration",
    "s3:GetObject",
    "s3:ListBucket",
    "servicequotas:ListAWSDefaultServiceQuotas",
    "servicequotas:ListServiceQuotas",
)
"""What the examiner calls by itself, as IAM names it."""
IAM_NAMES = {"elbv2": "elasticloadbalancing"}


@pytest.fixture
def examiner(aws):
    # The stand-in's first answer for EC2 takes long, on a busy machine longer than the doctor waits.
    aws.client("ec2").describe_regions()
    return AwsExaminer(aws, aws, THERE)


class Recorder:
    """A client of which every operation answers nothing, and is noted."""

    def __init__(self, service: str, asked: list[tuple[str, str]]) -> None:
        self._service = service
        self._asked = asked

    def __getattr__(self, operation: str) -> Any:
        def call(**_arguments: Any) -> dict[str, Any]:
            if operation == "get_caller_identity":  # which everybody may ask
                return {"Account": "123456789012", "Arn": "arn"}
            self._asked.append((self._service, operation))
            return {}

        return call


class Recording:
    """AWS that notes what it is asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    def client(self, service: str, *, once: bool = False, brief: bool = False) -> Any:
        assert brief, f"{service} is asked with patience"
        return Recorder(service, self.asked)


def test_who_we_are_is_told(examiner):
    assert examiner.identity() == Identity("123456789012", "arn:aws:sts::123456789012:user/moto")


def test_a_region_is_told_by_ec2s_word(examiner):
    assert examiner.region("eu-west-1") == "opt-in-not-required"
    assert examiner.region("me-south-1") == "not-opted-in"
    assert examiner.region("xx-west-9") == ""


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_may_be_read_where_nothing_forbids_it(examiner, service):
    assert examiner.denial(service) == ""


@pytest.mark.parametrize("service", SERVICES)
def test_no_service_is_asked_to_change_anything(service):
    aws = Recording()
    AwsExaminer(aws, aws, THERE).denial(service)
    [(_, operation)] = aws.asked
    assert re.match("(describe|get|list)_", operation)


@pytest.mark.parametrize("service", SERVICES)
def test_the_role_that_plans_may_ask_every_service(service):
    aws = Recording()
    AwsExaminer(aws, aws, THERE).denial(service)
    [(client, operation)] = aws.asked
    action = "".join(word.capitalize() for word in operation.split("_")).replace("Db", "DB")
    assert f'"{IAM_NAMES.get(client, client)}:{action}"' in READ_POLICIES


@pytest.mark.parametrize("action", BEYOND_SERVICES)
def test_the_role_that_plans_may_ask_the_rest(action):
    assert f'"{action}"' in READ_POLICIES


@pytest.mark.parametrize("code", ["AccessDenied", "AccessDeniedException", "UnauthorizedOperation"])
def test_a_denial_is_told_in_awss_words(fake_aws, script, fault, code):
    denied = script([fault(code, "User: alice is not authorized", "DescribeRepositories")])
    client = type("Ecr", (), {"describe_repositories": staticmethod(denied)})()
    told = AwsExaminer(fake_aws(ecr=client), fake_aws(), THERE).denial("ECR")
    assert told == "could not read ECR: access denied to DescribeRepositories (User: alice is not authorized)"


def test_to_be_told_that_there_is_none_is_to_be_allowed(fake_aws, script, fault):
    client = type("Iam", (), {"get_role": staticmethod(script([fault("NoSuchEntity", operation="GetRole")]))})()
    assert AwsExaminer(fake_aws(iam=client), fake_aws(), THERE).denial("IAM") == ""


def test_an_answer_that_nobody_knows_is_neither_leave_nor_denial(fake_aws, script, fault):
    client = type("Iam", (), {"get_role": staticmethod(script([fault("Whatever", operation="GetRole")]))})()
    with pytest.raises(ReadFailed, match="Whatever"):
        AwsExaminer(fake_aws(iam=client), fake_aws(), THERE).denial("IAM")


def test_no_answer_is_no_denial(fake_aws, script):
    silent = script([EndpointConnectionError(endpoint_url="https://ecr")])
    client = type("Ecr", (), {"describe_repositories": staticmethod(silent)})()
    with pytest.raises(ReadFailed, match="could not read ECR: AWS did not answer"):
        AwsExaminer(fake_aws(ecr=client), fake_aws(), THERE).denial("ECR")


def test_a_bucket_is_told_as_it_is_kept(examiner, aws, s3):
    bare = examiner.bucket()
    assert (bare.versioned, bare.private) == (False, False)
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_encryption(Bucket=BUCKET, ServerSideEncryptionConfiguration=AES)
    s3.put_public_access_block(Bucket=BUCKET, PublicAccessBlockConfiguration=dict.fromkeys(WAYS, True))
    assert examiner.bucket() == Bucket(versioned=True, encrypted=True, private=True, region="eu-west-1")
    three = {**dict.fromkeys(WAYS, True), WAYS[0]: False}
    s3.put_public_access_block(Bucket=BUCKET, PublicAccessBlockConfiguration=three)
    assert examiner.bucket().private is False


def test_a_bucket_in_another_region_is_told_with_that_region(aws, aws_address, s3):
    there = Aws("eu-central-1", aws_address, ("key", "secret")).client("s3")
    there.create_bucket(Bucket="elsewhere", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    found = AwsExaminer(aws, aws, replace(THERE, state_bucket="elsewhere")).bucket()
    assert found.region == "eu-central-1"


def test_a_bucket_that_is_not_there_is_none(aws):
    assert AwsExaminer(aws, aws, replace(THERE, state_bucket="nowhere")).bucket() is None


def test_a_bucket_of_somebody_else_is_an_error(fake_aws, script, fault):
    client = type("S3", (), {"list_objects_v2": staticmethod(script([fault("AccessDenied")]))})()
    with pytest.raises(ReadFailed, match=f"could not read the state bucket {BUCKET}: access denied"):
        AwsExaminer(fake_aws(s3=client), fake_aws(), THERE).bucket()


def test_lease_and_locks_are_read(examiner, aws, s3):
    assert (examiner.lease(), examiner.locks()) == (None, {})
    now = datetime(2026, 1, 1, tzinfo=UTC)
    lease = Lease("run-1", 1, Holder("alice", "laptop", "0", 7, "1", "by hand"), now, now)
    S3Leases(aws, BUCKET, THERE.environment).write(lease, None)
    s3.put_object(Bucket=BUCKET, Key="test/platform.tfstate.tflock", Body=b'{"ID": "7", "Who": "al@x"}')
    assert examiner.lease().lease == lease
    assert examiner.locks()["test/platform.tfstate"].who == "al@x"


def quota(name: str, value: float) -> dict[str, Any]:
    return {"QuotaName": name, "QuotaCode": f"L-{name}", "Value": value}


class Quotas:
    """Service Quotas, by operation."""

    def __init__(self, **paginators: Any) -> None:
        self._paginators = paginators

    def get_paginator(self, operation: str) -> Any:
        return self._paginators[operation]


def test_quotas_are_the_accounts_own_and_else_the_defaults(fake_aws, pages):
    own = pages({"Quotas": [quota("a", 7.0), quota("z", 1.0)]}, {"Quotas": []})
    defaults = pages({"Quotas": [quota("a", 1.0), quota("b", 2.0)]})
    client = Quotas(list_service_quotas=own, list_aws_default_service_quotas=defaults)
    found = AwsExaminer(fake_aws(service_quotas=client), fake_aws(), THERE).quotas("ec2", ["a", "b", "c"])
    assert found == {"a": Quota("L-a", 7.0), "b": Quota("L-b", 2.0)}


def test_no_page_is_asked_for_once_everything_is_known(fake_aws, pages):
    own = pages({"Quotas": [quota("a", 7.0)]}, AssertionError("one page too many"))
    client = Quotas(list_service_quotas=own)
    assert AwsExaminer(fake_aws(service_quotas=client), fake_aws(), THERE).quotas("ec2", ["a"]) == {
        "a": Quota("L-a", 7.0)
    }


def test_quotas_that_may_not_be_read_are_an_error(fake_aws, pages, fault):
    client = Quotas(list_service_quotas=pages(fault("AccessDeniedException", operation="ListServiceQuotas")))
    with pytest.raises(ReadFailed, match="the quotas of ec2: access denied to ListServiceQuotas"):
        AwsExaminer(fake_aws(service_quotas=client), fake_aws(), THERE).quotas("ec2", ["a"])
