"""The members of requests, read back from what the SDK writes in each of AWS's protocols."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

import pytest

from reconciler.sandbox.aws.faults import routes
from reconciler.sandbox.aws.faults.calls import Protocol, recognise
from reconciler.sandbox.aws.shapes import model
from reconciler.sandbox.aws.shapes.decode import parameters, read_request
from support.wire import SIGNED, sample, sent

SERVICES = (
    "acm",
    "application-autoscaling",
    "batch",
    "cloudwatch",
    "ec2",
    "ecr",
    "ecs",
    "elbv2",
    "events",
    "iam",
    "kms",
    "logs",
    "rds",
    "resourcegroupstaggingapi",
    "route53",
    "s3",
    "sagemaker",
    "sagemaker-runtime",
    "scheduler",
    "secretsmanager",
    "sns",
    "ssm",
    "sts",
)
"""All that the stacks and the reconciler speak to."""
NOT_OF_THIS_PORT = {"s3:ListDirectoryBuckets", "s3:WriteGetObjectResponse"}
"""Told from others by the name of their host alone."""
QUEUE = "arn:aws:batch:eu-west-1:123456789012:job-queue/fargate"
DOTS = {"Name": "vpc-id", "Values": ["vpc-1", "vpc.2"]}
WHEN = datetime(2026, 3, 4, tzinfo=UTC)

CASES: dict[str, tuple[str, str, Protocol, dict[str, Any]]] = {
    "JSON": ("ecr", "CreateRepository", Protocol.JSON, {"repositoryName": "a/b", "tags": [{"Key": "k", "Value": "v"}]}),
    "query": ("iam", "TagRole", Protocol.QUERY, {"RoleName": "r", "Tags": [{"Key": "a.b", "Value": "c&d=e"}]}),
    "query of a newer service": ("cloudwatch", "DeleteAlarms", Protocol.QUERY, {"AlarmNames": ["one", "two"]}),
    "an empty list in a query": (
        "elbv2",
        "SetSecurityGroups",
        Protocol.QUERY,
        {"LoadBalancerArn": "a", "SecurityGroups": []},
    ),
    "EC2": ("ec2", "DescribeSubnets", Protocol.EC2, {"Filters": [DOTS], "SubnetIds": ["subnet-1"], "DryRun": False}),
    "REST and JSON": ("batch", "TagResource", Protocol.REST_JSON, {"resourceArn": QUEUE, "tags": {"team": "ml"}}),
    "a list in a path's query": (
        "batch",
        "UntagResource",
        Protocol.REST_JSON,
        {"resourceArn": QUEUE, "tagKeys": ["a", "b"]},
    ),
    "headers": (
        "s3",
        "PutObject",
        Protocol.REST_XML,
        {"Bucket": "b", "Key": "a/b c", "Body": b"\xff", "IfNoneMatch": "*"},
    ),
    "XML": (
        "s3",
        "PutBucketTagging",
        Protocol.REST_XML,
        {"Bucket": "b", "Tagging": {"TagSet": [{"Key": "k", "Value": "<v>"}]}},
    ),
    "CBOR": (
        "cloudwatch",
        "PutMetricData",
        Protocol.CBOR,
        {"Namespace": "n", "MetricData": [{"MetricName": "m", "Timestamp": WHEN, "Value": 0.5}]},
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_members_are_told_by_the_names_that_the_sdk_has_for_them(case: Any) -> None:
    service, name, protocol, members = case
    operation = model.operation(service, name)
    assert operation
    request = sent(operation, members, protocol)
    assert (request.call.name, request.call.protocol) == (f"{service}:{name}", protocol)
    assert parameters(request) == members


@pytest.mark.parametrize("service", SERVICES)
def test_every_operation_is_recognised_and_read_back_whole(service: str) -> None:
    for name, described in routes.model(service)["operations"].items():
        operation = model.operation(service, name)
        assert operation
        if described.get("deprecated") or f"{service}:{name}" in NOT_OF_THIS_PORT:
            continue
        members = sample(operation.input_shape) if operation.input_shape else {}
        for protocol in operation.service_model.metadata.get("protocols"):
            request = sent(operation, members, protocol)
            assert request.call.name == f"{service}:{name}"
            read = read_request(request)
            assert read
            assert (read.members, read.differences) == (members, ())


@pytest.mark.parametrize(
    ("service", "method", "path", "called"),
    [
        ("route53", "POST", "/2013-04-01/hostedzone/Z1/rrset", "ChangeResourceRecordSets"),
        ("route53", "POST", "/2013-04-01/hostedzone/Z1/rrset/", "ChangeResourceRecordSets"),
        ("route53", "GET", "/2013-04-01/hostedzone/Z1/rrset?maxitems=1", "ListResourceRecordSets"),
        ("batch", "GET", "/v1/tags/arn%3Aaws%3Abatch%3Aeu-west-1%3A1%3Ajob-queue%2Fq", "ListTagsForResource"),
        ("s3", "PUT", "/bucket?lifecycle", "PutBucketLifecycleConfiguration"),
        ("s3", "PUT", "/bucket/", "CreateBucket"),
        ("s3", "PUT", "/bucket/a%2Fb/c", "PutObject"),
    ],
)
def test_an_operation_is_told_by_the_path_as_it_was_sent(service: str, method: str, path: str, called: str) -> None:
    bare, _, query = path.partition("?")
    signed = {"HTTP_AUTHORIZATION": SIGNED.format(service)}
    environ = {"REQUEST_METHOD": method, "RAW_URI": path, "PATH_INFO": unquote(bare), "QUERY_STRING": query, **signed}
    assert recognise(environ, b"").call.operation == called


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b"\xff\xfe", b"null"])
def test_a_body_that_cannot_be_read_has_no_members(body: bytes) -> None:
    operation = model.operation("ecr", "CreateRepository")
    assert operation
    request = sent(operation, {"repositoryName": "a"})
    assert parameters(type(request)(request.call, request.environ, body)) == {}
