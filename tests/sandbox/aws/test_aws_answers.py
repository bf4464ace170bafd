"""Answers held against AWS's models as they are sent, whatever the SDK would make of them."""

import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from reconciler.sandbox.aws.faults.calls import Call, Protocol
from reconciler.sandbox.aws.http import Answer
from reconciler.sandbox.aws.shapes import known, model
from reconciler.sandbox.aws.shapes.answers import differences
from reconciler.sandbox.aws.shapes.difference import Difference, Kind
from reconciler.sandbox.aws.shapes.record import ANSWER, FOLDER, Record, wanted
from support.shapes import held
from support.wire import sent

ENDPOINT = {
    "EndpointName": "a",
    "EndpointArn": "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/a",
    "EndpointStatus": "InService",
    "CreationTime": 1772600000.5,
    "LastModifiedTime": 1772600000,
}
QUEUE = {
    "jobQueueName": "q",
    "jobQueueArn": "arn",
    "state": "ENABLED",
    "priority": 1,
    "computeEnvironmentOrder": [{"order": 1, "computeEnvironment": "c"}],
}
ROLE = (
    "<GetRoleResponse xmlns='https://iam.amazonaws.com/doc/2010-05-08/'><GetRoleResult><Role><Path>/</Path>"
    "<RoleName>a</RoleName><RoleId>AROAQWERTYUIOPASDFGH</RoleId><Arn>arn:aws:iam::123456789012:role/a</Arn>"
    "<CreateDate>2026-03-04T05:06:07Z</CreateDate><Tags><member><Key>k</Key><Value/></member></Tags></Role>"
    "</GetRoleResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></GetRoleResponse>"
)
SUBNETS = (
    "<DescribeSubnetsResponse xmlns='http://ec2.amazonaws.com/doc/2016-11-15/'><requestId>1</requestId><subnetSet>"
    "<item><subnetId>subnet-1</subnetId><state>available</state><availableIpAddressCount>251</availableIpAddressCount>"
    "<tagSet/></item></subnetSet></DescribeSubnetsResponse>"
)
VERSIONING = "<VersioningConfiguration xmlns='http://s3.amazonaws.com/doc/2006-03-01/'><Status>Enabled</Status></VersioningConfiguration>"
TAGGED = json.dumps({"__type": "com.amazonaws.sagemaker#ResourceNotFound", "message": "not there"})


def endpoint(**more: Any) -> str:
    return json.dumps({name: value for name, value in {**ENDPOINT, **more}.items() if value is not ...})


def queues(**more: Any) -> str:
    return json.dumps({"jobQueues": [{**QUEUE, **more}]})


def cbor(state: str, number: bytes) -> bytes:
    """`{"MetricAlarms": [{"StateValue": state, "Threshold": number}]}`, by RFC 8949."""
    pairs = (text("StateValue") + text(state), text("Threshold") + number)
    return b"\xa1" + text("MetricAlarms") + b"\x81\xa2" + b"".join(pairs)


def text(value: str) -> bytes:
    return bytes([0x60 | len(value)] if len(value) < 24 else [0x78, len(value)]) + value.encode()


HALF = b"\xfb" + struct.pack(">d", 0.5)
SAGEMAKER = ("sagemaker", "DescribeEndpoint", {"EndpointName": "a"}, "")
BATCH = ("batch", "DescribeJobQueues", {}, "")
IAM = ("iam", "GetRole", {"RoleName": "a"}, "")
EC2 = ("ec2", "DescribeSubnets", {}, "")
S3 = ("s3", "GetBucketVersioning", {"Bucket": "b"}, "")
ALARMS = ("cloudwatch", "DescribeAlarms", {}, "smithy-rpc-v2-cbor")

CASES: dict[str, tuple[tuple[str, str, Mapping[str, Any], str], str | bytes, list[str]]] = {
    "JSON as it is": (SAGEMAKER, endpoint(), []),
    "JSON, unknown": (SAGEMAKER, endpoint(Name="a"), ["unknown Name"]),
    "JSON, missing": (SAGEMAKER, endpoint(EndpointArn=...), ["missing EndpointArn"]),
    "JSON, null is missing": (SAGEMAKER, endpoint(EndpointArn=None), ["missing EndpointArn"]),
    "JSON, text for a number": (
        SAGEMAKER,
        endpoint(CreationTime="1772600000"),
        ["type CreationTime", "missing CreationTime"],
    ),
    "JSON, a moment of another form": (
        SAGEMAKER,
        endpoint(CreationTime="2026-03-04T05:06:07Z"),
        ["type CreationTime", "missing CreationTime"],
    ),
    "JSON, a value that is none": (SAGEMAKER, endpoint(EndpointStatus="Ready"), ["enum EndpointStatus"]),
    "JSON, a list for a structure": (SAGEMAKER, "[]", ["type ", *(f"missing {name}" for name in ENDPOINT)]),
    "JSON that is none": (SAGEMAKER, "{", ["type "]),
    "REST and JSON as it is": (BATCH, queues(), []),
    "REST and JSON, deep": (BATCH, queues(tags=[]), ["type jobQueues[].tags"]),
    "REST and JSON, a fraction": (
        BATCH,
        queues(priority=0.5),
        ["type jobQueues[].priority", "missing jobQueues[].priority"],
    ),
    "REST and JSON, truth as text": (
        BATCH,
        queues(state=True),
        ["type jobQueues[].state", "missing jobQueues[].state"],
    ),
    "query as it is": (IAM, ROLE, []),
    "query, unknown": (IAM, ROLE.replace("<Path>", "<Colour>red</Colour><Path>"), ["unknown Role.Colour"]),
    "query, missing": (IAM, ROLE.replace("<Path>/</Path>", ""), ["missing Role.Path"]),
    "query, a moment without its zone": (
        IAM,
        ROLE.replace("07Z", "07"),
        ["type Role.CreateDate", "missing Role.CreateDate"],
    ),
    "query, items of another name": (IAM, ROLE.replace("member>", "item>"), ["type Role.Tags"]),
    "query without its result": (IAM, ROLE.replace("GetRoleResult>", "Result>"), ["type ", "missing Role"]),
    "EC2 as it is": (EC2, SUBNETS, []),
    "EC2, text for a number": (EC2, SUBNETS.replace("251", "many"), ["type Subnets[].AvailableIpAddressCount"]),
    "EC2, unknown": (EC2, SUBNETS.replace("state>", "status>"), ["unknown Subnets[].status"]),
    "S3 as it is": (S3, VERSIONING, []),
    "S3, the answer to another question": (S3, VERSIONING.replace("Status", "Name"), ["unknown Name"]),
    "S3, a value that is none": (S3, VERSIONING.replace("Enabled", "On"), ["enum Status"]),
    "CBOR as it is": (ALARMS, cbor("OK", HALF), []),
    "CBOR, a value that is none": (ALARMS, cbor("FINE", HALF), ["enum MetricAlarms[].StateValue"]),
    "CBOR, text for a number": (ALARMS, cbor("OK", text("0.5")), ["type MetricAlarms[].Threshold"]),
    "an empty list, whatever its bounds": (("ecr", "ListImages", {"repositoryName": "ab"}, ""), '{"imageIds": []}', []),
}


def answered(call: tuple[str, str, Mapping[str, Any], str], status: str, body: str | bytes) -> list[Difference]:
    service, name, members, protocol = call
    operation = model.operation(service, name)
    assert operation
    content = body if isinstance(body, bytes) else body.encode()
    return differences(sent(operation, members, protocol), Answer(status, (), content))


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_what_differs_from_the_model_is_found_where_it_is(case: Any) -> None:
    call, body, found = case
    assert [f"{one.kind.name.lower()} {one.place}" for one in answered(call, "200 OK", body)] == found


@pytest.mark.parametrize(
    ("call", "body", "found"),
    [
        (("sagemaker", "ListTags", {"ResourceArn": "a"}, ""), TAGGED, ["ResourceNotFound"]),
        (("sagemaker", "DeleteModel", {"ModelName": "a"}, ""), TAGGED, ["ResourceNotFound"]),
        (SAGEMAKER, TAGGED.replace("ResourceNotFound", "ValidationException"), []),
        (IAM, "<ErrorResponse><Error><Code>NoSuchEntity</Code></Error></ErrorResponse>", []),
        (IAM, "<ErrorResponse><Error><Code>NotFound</Code></Error></ErrorResponse>", ["NotFound"]),
        (("batch", "SubmitJob", {"jobName": "a"}, ""), '{"__type": "ClientException:http://x", "message": ""}', []),
        (S3, "<Error><Code>AnyCode</Code></Error>", []),
        (SAGEMAKER, "", []),
    ],
)
def test_an_error_that_the_operation_does_not_have_is_found(call: Any, body: str, found: list[str]) -> None:
    differing = answered(call, "400 Bad Request", body)
    assert [(one.kind, one.place) for one in differing] == [(Kind.CODE, code) for code in found]


def test_an_answer_to_head_has_no_body() -> None:
    assert answered(("s3", "HeadBucket", {"Bucket": "b"}, ""), "200 OK", "") == []


def test_the_record_keeps_each_difference_once_and_every_call(tmp_path: Path) -> None:
    call, record = Call("ecs", "ListClusters", Protocol.JSON), Record(tmp_path)
    for number in (1, 2):
        record.note(call, (), (Difference(Kind.UNKNOWN, ("clusters", number, "name")),))
    record.note(Call("ecs", "NoSuch", Protocol.JSON), (), ())
    found = held(tmp_path)
    assert found.calls == {"ecs:ListClusters": 2, "ecs:NoSuch": 1}
    assert [one.key for one in found.seen] == [
        f"ecs:ListClusters {ANSWER} unknown clusters[].name",
        "ecs:NoSuch unchecked",
    ]
    assert len(found.unexplained) == 2
    assert set(found.stale) == {*known.ACCEPTED, *known.ANSWERED}


def test_nothing_is_recorded_unless_somebody_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(FOLDER)
    assert wanted() is None


def test_every_known_difference_has_its_reason() -> None:
    listed = {**known.ACCEPTED, **known.ANSWERED}
    assert all(len(why.split()) > 3 for why in listed.values())
    assert all(known.reason(form.replace("*", "any")) for form in listed)
