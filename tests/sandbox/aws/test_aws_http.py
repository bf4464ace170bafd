"""The server as an HTTP server, whoever calls it."""

import json
import socket
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError

from reconciler.sandbox.aws import AwsServer
from reconciler.sandbox.aws.callers import OWNER
from reconciler.sandbox.aws.sagemaker.fleet import ModelServer
from support.access import ACCESS, KEYS

SIGNED = {
    "Authorization": f"AWS4-HMAC-SHA256 Credential={KEYS.access_key_id}/20260101/eu-west-1/sagemaker/aws4_request, "
    "SignedHeaders=host, Signature=0",
    "X-Amz-Target": "SageMaker.ListEndpoints",
    "Content-Type": "application/x-amz-json-1.1",
}


def test_health_needs_no_signature(shared_box: Any) -> None:
    answer = requests.get(f"{shared_box.url}/_sandbox/health", timeout=5)
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({}, 200),
        ({"Host": "localhost:1"}, 200),
        ({"Origin": "https://example.org"}, 403),
        ({"Origin": "null"}, 403),
        ({"Host": "rebound.example.org"}, 403),
        ({"Host": "127.0.0.1.example.org"}, 403),
    ],
)
def test_no_web_page_gets_through(shared_box: Any, more: Mapping[str, str], status: int) -> None:
    answer = requests.post(shared_box.url, data="{}", headers={**SIGNED, **more}, timeout=5)
    assert answer.status_code == status
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize(("attempt", "status"), [(2, 200), (1, 400)], ids=["the same call", "another call"])
def test_an_attempt_that_follows_a_lost_answer_gets_it(shared_box: Any, attempt: int, status: int) -> None:
    model = {"ModelName": f"once-{attempt}", "ExecutionRoleArn": "arn:aws:iam::123456789012:role/serving"}
    headers = {**SIGNED, "X-Amz-Target": "SageMaker.CreateModel", "Amz-Sdk-Invocation-Id": f"call-{attempt}"}

    def create(number: int) -> requests.Response:
        count = {"Amz-Sdk-Request": f"attempt={number}; max=25"}
        return requests.post(shared_box.url, data=json.dumps(model), headers={**headers, **count}, timeout=5)

    first, second = create(1), create(attempt)
    assert (first.status_code, second.status_code) == (200, status)
    assert (first.content == second.content) == (status == 200)


@pytest.mark.parametrize(
    ("service", "operation", "arguments"),
    [
        ("sagemaker", "create_monitoring_schedule", {"MonitoringScheduleName": "a", "MonitoringScheduleConfig": {}}),
        ("ec2", "describe_local_gateways", {}),
        ("iam", "generate_service_last_accessed_details", {"Arn": "arn:aws:iam::123456789012:role/some-role"}),
    ],
)
def test_an_operation_that_is_missing_is_said_to_be_missing(
    shared_box: Any, service: str, operation: str, arguments: Mapping[str, Any]
) -> None:
    with pytest.raises(ClientError) as caught:
        getattr(shared_box.client(service), operation)(**arguments)
    assert caught.value.response["Error"]["Code"] == "NotImplemented"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501


def test_aws_managed_policies_exist(shared_box: Any) -> None:
    arn = "arn:aws:iam::aws:policy/service-role/AWSBatchServiceRole"
    assert shared_box.client("iam").get_policy(PolicyArn=arn)["Policy"]["PolicyName"] == "AWSBatchServiceRole"


def test_the_account_is_the_one_that_everybody_expects(shared_box: Any) -> None:
    assert shared_box.client("sts").get_caller_identity()["Account"] == "123456789012"


def test_the_owner_is_called_the_same_by_every_service(shared_box: Any) -> None:
    assert shared_box.client("sts").get_caller_identity()["Arn"] == OWNER


def test_tags_of_scalable_targets_are_kept(shared_box: Any) -> None:
    client = shared_box.client("application-autoscaling")
    arn = client.register_scalable_target(
        ServiceNamespace="dynamodb",
        ResourceId="table/any",
        ScalableDimension="dynamodb:table:ReadCapacityUnits",
        MinCapacity=1,
        MaxCapacity=2,
        Tags={"a": "1"},
    )["ScalableTargetARN"]
    client.tag_resource(ResourceARN=arn, Tags={"b": "2", "c": "3"})
    client.untag_resource(ResourceARN=arn, TagKeys=["c"])
    assert client.list_tags_for_resource(ResourceARN=arn)["Tags"] == {"a": "1", "b": "2"}


@pytest.mark.parametrize(
    "address",
    [
        "python:3.11",
        "999999999999.dkr.ecr.eu-west-1.amazonaws.com/team/model:good",
        "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/other:good",
        "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/model:other",
        "123456789012.dkr.ecr.us-east-1.amazonaws.com/team/model:good",
        f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/model@sha256:{'0' * 64}",
    ],
)
def test_an_image_that_cannot_be_pulled_is_named(shared_box: Any, address: str, eventually: Callable[..., Any]) -> None:
    if not shared_box.client("ecr").describe_repositories()["repositories"]:
        shared_box.push("good", {"a": "b"})
    sagemaker = shared_box.client("sagemaker")
    name = f"image-{abs(hash(address))}"
    role = "arn:aws:iam::123456789012:role/serving"
    sagemaker.create_model(ModelName=name, ExecutionRoleArn=role, PrimaryContainer={"Image": address})
    variant = {"VariantName": "A", "ModelName": name, "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    eventually(lambda: sagemaker.describe_endpoint(EndpointName=name)["EndpointStatus"] == "Failed")
    assert f"CannotPullContainerError: {address} not found" in shared_box.endpoint_log(name)


def test_a_port_that_is_taken_is_said_in_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(RuntimeError, match=f"Port {port} on 127.0.0.1 cannot be used: Address already in use"):
            AwsServer(tmp_path, port, runtime=None, access=ACCESS).start()  # type: ignore[arg-type]  # it gets not so far as to use it


def test_a_process_runs_one_server_at_a_time(shared_box: Any, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="runs a sandbox already"):
        AwsServer(tmp_path, 0, runtime=None, access=ACCESS).start()  # type: ignore[arg-type]  # it gets not so far as to use it
    assert requests.get(f"{shared_box.url}/_sandbox/health", timeout=5).ok


def test_the_answer_of_one_model_keeps_nobody_else_waiting(
    shared_box: Any, monkeypatch: pytest.MonkeyPatch, eventually: Callable[..., Any]
) -> None:
    """While a model thinks, the lock is free: asking it in the middle of its own answer works."""
    sagemaker, runtime = shared_box.client("sagemaker"), shared_box.client("sagemaker-runtime")
    image = shared_box.push("thinking", {"says": "thinking"})
    role = "arn:aws:iam::123456789012:role/serving"
    sagemaker.create_model(ModelName="thinking", ExecutionRoleArn=role, PrimaryContainer={"Image": image})
    variant = {"VariantName": "A", "ModelName": "thinking", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    sagemaker.create_endpoint_config(EndpointConfigName="thinking", ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName="thinking", EndpointConfigName="thinking")
    eventually(lambda: sagemaker.describe_endpoint(EndpointName="thinking")["EndpointStatus"] == "InService")
    seen = []
    ask = ModelServer.invoke

    def look_around(self: ModelServer, body: bytes, headers: Mapping[str, str]) -> Any:
        seen.append(sagemaker.list_endpoints(NameContains="thinking")["Endpoints"][0]["EndpointStatus"])
        return ask(self, body, headers)

    monkeypatch.setattr(ModelServer, "invoke", look_around)
    answer = runtime.invoke_endpoint(EndpointName="thinking", Body=json.dumps([1]), ContentType="application/json")
    assert (answer["Body"].read(), seen) == (b"thinking:[1]", ["InService"])
