"""Faults of calls through boto3: it takes them for AWS's own."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError

from reconciler.sandbox import SandboxError
from reconciler.sandbox.faults import Fault, Faults, Kind
from support.access import KEYS


@pytest.fixture
def faults(shared_box: Any) -> Iterator[Faults]:
    faults = Faults(shared_box.url, KEYS.access_key_id)
    yield faults
    faults.clear()
    faults.forget_calls()


CALLS: dict[str, tuple[str, str, dict[str, Any], str]] = {
    "JSON": ("sagemaker", "list_endpoints", {}, "ThrottlingException"),
    "logs": ("logs", "describe_log_groups", {}, "ThrottlingException"),
    "REST and JSON": ("batch", "describe_job_queues", {}, "TooManyRequestsException"),
    "runtime": ("sagemaker-runtime", "invoke_endpoint", {"EndpointName": "a", "Body": b"1"}, "ThrottlingException"),
    "query": ("sts", "get_caller_identity", {}, "Throttling"),
    "ec2": ("ec2", "describe_vpcs", {}, "RequestLimitExceeded"),
    "CBOR": ("cloudwatch", "describe_alarms", {}, "ThrottlingException"),
    "S3": ("s3", "list_buckets", {}, "SlowDown"),
    "XML": ("route53", "list_hosted_zones", {}, "Throttling"),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_every_protocol_tells_of_errors_in_its_own_way(
    shared_box: Any, faults: Faults, call: tuple[str, str, dict[str, Any], str]
) -> None:
    service, operation, arguments, throttled = call
    ask = getattr(shared_box.client(service), operation)
    for fault, code, message in (
        (Fault(Kind.THROTTLE), throttled, ""),
        (Fault(Kind.ERROR, status=503, code="AnyCode", message="says <this> & that"), "AnyCode", "says <this> & that"),
    ):
        faults.add(fault)
        with pytest.raises(ClientError) as caught:
            ask(**arguments)
        assert caught.value.response["Error"]["Code"] == code
        assert message in caught.value.response["Error"]["Message"]
        faults.clear()


def test_the_third_call_of_an_operation_fails(shared_box: Any, faults: Faults) -> None:
    faults.add(Fault(Kind.ERROR, on="sts:GetCallerIdentity", call=3, status=400, code="AccessDenied"))
    sts, logs = shared_box.client("sts"), shared_box.client("logs")
    for _ in range(2):
        sts.get_caller_identity()
        logs.describe_log_groups()
    with pytest.raises(ClientError, match="AccessDenied"):
        sts.get_caller_identity()
    sts.get_caller_identity()


def test_an_answer_that_is_dropped_was_work_that_is_done(shared_box: Any, faults: Faults) -> None:
    """The SDK asks again by itself."""
    ecr = shared_box.client("ecr")
    faults.add(Fault(Kind.DROP, on="ecr:CreateRepository", call=1))
    with pytest.raises(ecr.exceptions.RepositoryAlreadyExistsException):
        ecr.create_repository(repositoryName="dropped")
    faults.add(Fault(Kind.DROP, on="ecr:DescribeRepositories"))
    with pytest.raises(ConnectionClosedError):
        ecr.describe_repositories()


def test_an_answer_that_is_cut_short_arrives_as_far_as_it_goes(shared_box: Any, faults: Faults) -> None:
    """The SDK takes half a JSON document for an answer without fields, and half an S3 listing for a server's error."""
    ecr, s3 = shared_box.client("ecr"), shared_box.client("s3")
    faults.add(Fault(Kind.CUT))
    assert "repository" not in ecr.create_repository(repositoryName="cut")
    with pytest.raises(ClientError, match="500"):
        s3.list_buckets()
    faults.clear()
    assert ecr.describe_repositories(repositoryNames=["cut"])["repositories"]


def test_reads_are_answered_as_before_while_writes_go_through(shared_box: Any, faults: Faults) -> None:
    ecr, name = shared_box.client("ecr"), "stale"
    stale = faults.add(Fault(Kind.STALE, on="ecr:*", seconds=3600))
    with pytest.raises(ecr.exceptions.RepositoryNotFoundException):
        ecr.describe_repositories(repositoryNames=[name])
    ecr.create_repository(repositoryName=name)
    with pytest.raises(ecr.exceptions.RepositoryNotFoundException):
        ecr.describe_repositories(repositoryNames=[name])
    with pytest.raises(ecr.exceptions.RepositoryAlreadyExistsException):
        ecr.create_repository(repositoryName=name)
    faults.clear(stale.id)
    assert ecr.describe_repositories(repositoryNames=[name])["repositories"]


def make_repositories(client: Any, name: str) -> None:
    client("ecr").create_repository(repositoryName=name)


def make_objects(client: Any, name: str) -> None:
    s3 = client("s3")
    if "paged" not in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]:
        s3.create_bucket(Bucket="paged", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket="paged", Key=name)


def make_roles(client: Any, name: str) -> None:
    client("iam").create_role(RoleName=name, Path="/paged/", AssumeRolePolicyDocument="{}")


LISTS: dict[str, tuple[Callable[[Any, str], None], str, str, dict[str, Any], str]] = {
    "JSON": (make_repositories, "ecr", "describe_repositories", {}, "repositories"),
    "S3": (make_objects, "s3", "list_objects_v2", {"Bucket": "paged"}, "Contents"),
    "query": (make_roles, "iam", "list_roles", {"PathPrefix": "/paged/"}, "Roles"),
}


@pytest.mark.parametrize("case", LISTS.values(), ids=LISTS.keys())
def test_a_list_comes_in_small_pages(
    shared_box: Any, faults: Faults, request: pytest.FixtureRequest, case: Any
) -> None:
    make, service, operation, arguments, key = case
    for number in range(3):
        make(shared_box.client, f"paged-{request.node.callspec.id.lower()}-{number}")
    client = shared_box.client(service)
    everything = getattr(client, operation)(**arguments)[key]
    faults.add(Fault(Kind.PAGES, size=2))
    pages = [page[key] for page in client.get_paginator(operation).paginate(**arguments)]
    assert [len(page) for page in pages][:1] == [2]
    assert [one for page in pages for one in page] == everything


def test_pages_may_be_smaller_than_a_client_may_ask_for(shared_box: Any, faults: Faults) -> None:
    """EC2's model asks for five at least."""
    ec2 = shared_box.client("ec2")
    everything = ec2.describe_subnets()["Subnets"]
    faults.add(Fault(Kind.PAGES, on="ec2:DescribeSubnets", size=1))
    pages = [page["Subnets"] for page in ec2.get_paginator("describe_subnets").paginate()]
    assert [one for page in pages for one in page] == everything


def test_a_call_that_waits_keeps_nobody_else_waiting(
    shared_box: Any, faults: Faults, eventually: Callable[..., Any]
) -> None:
    faults.add(Fault(Kind.LATENCY, on="sts:*", seconds=1.0))
    sts = shared_box.client("sts")
    slow = threading.Thread(target=sts.get_caller_identity)
    began = time.monotonic()
    slow.start()
    eventually(lambda: faults.standing()[0].hits)
    shared_box.client("logs").describe_log_groups()
    assert slow.is_alive()
    slow.join()
    assert time.monotonic() - began >= 1


def test_calls_are_counted_by_operation(shared_box: Any, faults: Faults) -> None:
    faults.forget_calls()
    batch, s3 = shared_box.client("batch"), shared_box.client("s3")
    batch.describe_job_queues()
    batch.describe_job_queues()
    s3.list_buckets()
    assert faults.calls() == {"batch:DescribeJobQueues": 2, "s3:ListBuckets": 1}


def test_a_fault_that_can_never_hit_is_refused(faults: Faults) -> None:
    with pytest.raises(SandboxError, match="did you mean DescribeEndpoint"):
        faults.add(Fault(Kind.DROP, on="sagemaker:DescribeEndpont"))
    standing = faults.add(Fault(Kind.DROP, on="sagemaker:DescribeEndpoint"))
    with pytest.raises(SandboxError, match=f"there is no fault 'drop-0'; there are: {standing.id}"):
        faults.clear("drop-0")


def test_a_sandbox_that_is_not_there_is_said_in_one_line() -> None:
    with pytest.raises(SandboxError, match=r"the sandbox at http://127\.0\.0\.1:9 did not answer"):
        Faults("http://127.0.0.1:9", KEYS.access_key_id).standing()
