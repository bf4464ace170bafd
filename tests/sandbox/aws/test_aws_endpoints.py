"""SageMaker through boto3, with model servers that are real processes."""

import os
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

ROLE = "arn:aws:iam::123456789012:role/serving"
BLUE_GREEN = {
    "BlueGreenUpdatePolicy": {
        "TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0},
        "TerminationWaitInSeconds": 0,
    },
    "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "errors"}]},
}


@dataclass(frozen=True)
class Serving:
    """Shorthand for what every test here does."""

    box: Any
    client: Any
    runtime: Any
    eventually: Callable[..., Any]

    def release(self, name: str, files: Mapping[str, str] | None = None, **variant: Any) -> str:
        """A model of its own image, and an endpoint configuration of the same name."""
        image = self.box.push(name, {"says": name, **(files or {})})
        container = {"Image": image, "Environment": {"GREETING": f"this is {name}"}}
        self.client.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer=container)
        self.configure(name, name, **variant)
        return name

    def configure(self, name: str, model: str, **variant: Any) -> None:
        size = variant or {"InstanceType": "ml.m7i.large", "InitialInstanceCount": 1}
        self.client.create_endpoint_config(
            EndpointConfigName=name, ProductionVariants=[{"VariantName": "AllTraffic", "ModelName": model, **size}]
        )

    def describe(self, name: str) -> dict[str, Any]:
        return self.client.describe_endpoint(EndpointName=name)

    def settled(self, name: str) -> dict[str, Any]:
        self.eventually(lambda: self.describe(name)["EndpointStatus"] in {"InService", "Failed", "OutOfService"})
        return self.describe(name)

    def create(self, name: str, config: str, **more: Any) -> dict[str, Any]:
        self.client.create_endpoint(EndpointName=name, EndpointConfigName=config, **more)
        return self.settled(name)

    def update(self, name: str, config: str, **more: Any) -> dict[str, Any]:
        self.client.update_endpoint(EndpointName=name, EndpointConfigName=config, **more)
        return self.settled(name)

    def ask(self, name: str, body: bytes = b"1") -> str:
        answer = self.runtime.invoke_endpoint(EndpointName=name, Body=body, ContentType="text/csv")
        return answer["Body"].read().decode()

    def gone(self, name: str) -> bool:
        return name not in [one["EndpointName"] for one in self.client.list_endpoints(NameContains=name)["Endpoints"]]

    def delete(self, name: str) -> None:
        self.client.delete_endpoint(EndpointName=name)
        self.eventually(lambda: self.gone(name))


@pytest.fixture(scope="module")
def serving(shared_box: Any, eventually: Callable[..., Any]) -> Serving:
    client, runtime = shared_box.client("sagemaker"), shared_box.client("sagemaker-runtime")
    return Serving(shared_box, client, runtime, eventually)


def test_an_endpoint_answers_once_it_is_in_service(serving: Serving) -> None:
    config = serving.release("first")
    serving.client.create_endpoint(EndpointName="answering", EndpointConfigName=config)
    assert serving.describe("answering")["EndpointStatus"] == "Creating"
    with pytest.raises(ClientError, match=r"Endpoint answering of account 123456789012 not found.*Creating"):
        serving.ask("answering")
    endpoint = serving.settled("answering")
    assert (endpoint["EndpointStatus"], endpoint["EndpointConfigName"]) == ("InService", config)
    assert serving.ask("answering") == "first:1"


def test_an_answer_says_which_variant_gave_it_and_in_which_type(serving: Serving) -> None:
    serving.create("typed", serving.release("typed"))
    answer = serving.runtime.invoke_endpoint(EndpointName="typed", Body=b"1", ContentType="text/csv")
    assert (answer["ContentType"], answer["InvokedProductionVariant"]) == ("text/csv", "AllTraffic")


def test_the_old_version_answers_until_the_new_one_is_healthy(serving: Serving) -> None:
    serving.create("updated", serving.release("old"), DeploymentConfig=BLUE_GREEN)
    serving.client.update_endpoint(EndpointName="updated", EndpointConfigName=serving.release("new"))
    under_way = serving.describe("updated")
    assert (under_way["EndpointStatus"], under_way["EndpointConfigName"]) == ("Updating", "old")
    assert under_way["PendingDeploymentSummary"]["EndpointConfigName"] == "new"
    assert serving.ask("updated") == "old:1"
    endpoint = serving.settled("updated")
    assert (endpoint["EndpointConfigName"], serving.ask("updated")) == ("new", "new:1")
    assert "PendingDeploymentSummary" not in endpoint
    assert endpoint["ProductionVariants"][0]["DeployedImages"][0]["SpecifiedImage"].endswith(":new")
    serving.eventually(lambda: "this is old" not in serving.box.greetings())
    assert "this is new" in serving.box.greetings()


@pytest.mark.parametrize(
    ("name", "flaw", "reason"),
    [
        ("dying", "broken", "its process ended with exit code 1: no module named torch"),
        ("mute", "sick", "it did not answer in time"),
    ],
)
def test_an_update_to_a_model_that_does_not_come_up_is_rolled_back(
    serving: Serving, name: str, flaw: str, reason: str
) -> None:
    serving.create(name, serving.release(f"{name}-good"))
    serving.client.update_endpoint(EndpointName=name, EndpointConfigName=serving.release(f"{name}-bad", {flaw: ""}))
    serving.eventually(lambda: serving.describe(name)["EndpointStatus"] == "RollingBack")
    assert serving.ask(name) == f"{name}-good:1"
    endpoint = serving.settled(name)
    assert (endpoint["EndpointStatus"], endpoint["EndpointConfigName"]) == ("InService", f"{name}-good")
    assert "did not pass the ping health check" in endpoint["FailureReason"]
    assert reason in endpoint["FailureReason"]
    assert serving.ask(name) == f"{name}-good:1"


def test_after_a_good_update_the_old_failure_is_forgotten(serving: Serving) -> None:
    serving.create("mended", serving.release("mended-1"))
    assert "FailureReason" in serving.update("mended", serving.release("mended-2", {"broken": ""}))
    assert "FailureReason" not in serving.update("mended", serving.release("mended-3"))


def test_an_alarm_that_fires_during_an_update_rolls_it_back(serving: Serving) -> None:
    cloudwatch = serving.box.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName="errors", ComparisonOperator="GreaterThanThreshold", EvaluationPeriods=1, MetricName="m",
        Namespace="n", Period=60, Threshold=1, Statistic="Sum",
    )  # fmt: skip
    serving.create("guarded", serving.release("guarded-1"))
    cloudwatch.set_alarm_state(AlarmName="errors", StateValue="ALARM", StateReason="test")
    endpoint = serving.update("guarded", serving.release("guarded-2"), DeploymentConfig=BLUE_GREEN)
    assert endpoint["EndpointConfigName"] == "guarded-1"
    assert endpoint["FailureReason"] == "Alarms in ALARM state during the deployment: errors."
    cloudwatch.set_alarm_state(AlarmName="errors", StateValue="OK", StateReason="test")
    assert serving.update("guarded", "guarded-2", DeploymentConfig=BLUE_GREEN)["EndpointConfigName"] == "guarded-2"


def test_an_endpoint_whose_model_does_not_come_up_fails_and_can_only_be_deleted(serving: Serving) -> None:
    endpoint = serving.create("stillborn", serving.release("stillborn", {"broken": ""}))
    assert endpoint["EndpointStatus"] == "Failed"
    assert "no module named torch" in endpoint["FailureReason"]
    with pytest.raises(ClientError, match="its creation failed"):
        serving.update("stillborn", "stillborn")
    serving.delete("stillborn")


def test_an_image_that_is_not_there_fails_the_endpoint(serving: Serving) -> None:
    image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/nowhere:1"
    serving.client.create_model(ModelName="imageless", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": image})
    serving.configure("imageless", "imageless")
    endpoint = serving.create("imageless", "imageless")
    assert endpoint["EndpointStatus"] == "Failed"
    assert f"CannotPullContainerError: {image} not found" in endpoint["FailureReason"]


@pytest.mark.parametrize("operation", ["update_endpoint", "delete_endpoint"])
def test_an_endpoint_in_the_middle_of_something_is_left_alone(serving: Serving, operation: str) -> None:
    name = f"busy-{operation[:6]}"
    config = serving.release(f"{name}-1")
    serving.client.create_endpoint(EndpointName=name, EndpointConfigName=config)
    arguments = {"EndpointName": name} | ({"EndpointConfigName": config} if operation == "update_endpoint" else {})
    with pytest.raises(ClientError, match="Cannot update in-progress endpoint"):
        getattr(serving.client, operation)(**arguments)
    assert serving.settled(name)["EndpointStatus"] == "InService"


def test_a_name_can_be_used_only_once(serving: Serving) -> None:
    serving.create("unique", serving.release("unique"))
    with pytest.raises(
        ClientError, match='existing endpoint "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/unique"'
    ):
        serving.create("unique", "unique")
    with pytest.raises(ClientError, match=r'existing endpoint configuration "arn:aws:sagemaker.*/unique"'):
        serving.configure("unique", "unique")
    with pytest.raises(ClientError, match=r'existing model "arn:aws:sagemaker.*/unique"'):
        serving.client.create_model(ModelName="unique", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": "i"})


def test_deleting_an_endpoint_ends_its_process(serving: Serving) -> None:
    before = {child.pid for child in serving.box.children()}
    serving.create("short-lived", serving.release("short-lived"))
    assert {child.pid for child in serving.box.children()} > before
    serving.delete("short-lived")
    assert {child.pid for child in serving.box.children()} == before
    with pytest.raises(ClientError, match="Could not find endpoint"):
        serving.describe("short-lived")


def test_an_update_is_refused_once_the_served_configuration_was_deleted(serving: Serving) -> None:
    serving.create("orphaned", serving.release("orphaned-1"))
    serving.client.delete_endpoint_config(EndpointConfigName="orphaned-1")
    with pytest.raises(ClientError, match=r"Could not find endpoint configuration.*orphaned-1"):
        serving.update("orphaned", serving.release("orphaned-2"))
    assert serving.ask("orphaned") == "orphaned-1:1"


def test_a_model_that_refuses_the_input_is_quoted(serving: Serving) -> None:
    serving.create("picky", serving.release("picky"))
    with pytest.raises(ClientError, match="Received client error") as caught:
        serving.ask("picky", b"bad")
    assert caught.value.response["Error"]["Code"] == "ModelError"
    assert caught.value.response["OriginalStatusCode"] == 400
    assert caught.value.response["OriginalMessage"] == "picky:bad"


@pytest.mark.parametrize("way", ["while it answers", "between answers"])
def test_a_model_server_that_dies_is_started_again(serving: Serving, way: str) -> None:
    name = way.replace(" ", "-")
    serving.create(name, serving.release(name))
    if way == "between answers":
        (server,) = [one for one in serving.box.children() if one.environ()["GREETING"] == f"this is {name}"]
        os.kill(server.pid, signal.SIGKILL)
        server.wait(5)
    with pytest.raises(ClientError, match="does not answer"):
        serving.ask(name, b"die")

    def answers() -> bool:
        try:
            return serving.ask(name) == f"{name}:1"
        except ClientError:
            return False

    serving.eventually(answers)
    assert serving.describe(name)["EndpointStatus"] == "InService"


def test_what_a_container_prints_can_be_read_in_its_log(serving: Serving) -> None:
    serving.create("logged", serving.release("logged"))
    logs, group = serving.box.client("logs"), "/aws/sagemaker/Endpoints/logged"
    (stream,) = logs.describe_log_streams(logGroupName=group)["logStreams"]
    assert stream["logStreamName"].startswith("AllTraffic/i-")
    events = logs.get_log_events(logGroupName=group, logStreamName=stream["logStreamName"])["events"]
    assert [event["message"] for event in events] == ["environment says this is logged"]


def test_a_serverless_endpoint_is_described_as_one(serving: Serving) -> None:
    size = {"MemorySizeInMB": 2048, "MaxConcurrency": 5}
    endpoint = serving.create("serverless", serving.release("serverless", ServerlessConfig=size))
    (variant,) = endpoint["ProductionVariants"]
    assert (variant["CurrentServerlessConfig"], variant["DesiredServerlessConfig"]) == (size, size)
    assert "CurrentInstanceCount" not in variant
    assert serving.ask("serverless") == "serverless:1"


def test_the_deployment_configuration_is_told(serving: Serving) -> None:
    endpoint = serving.create("careful", serving.release("careful"), DeploymentConfig=BLUE_GREEN)
    assert endpoint["LastDeploymentConfig"] == BLUE_GREEN
    retained = serving.update("careful", "careful", RetainDeploymentConfig=True)
    assert retained["LastDeploymentConfig"] == BLUE_GREEN
    assert "LastDeploymentConfig" not in serving.update("careful", "careful")


def test_an_update_may_retain_the_scaled_instance_count(serving: Serving) -> None:
    serving.create("scaled", serving.release("scaled"))
    serving.client.update_endpoint_weights_and_capacities(
        EndpointName="scaled", DesiredWeightsAndCapacities=[{"VariantName": "AllTraffic", "DesiredInstanceCount": 4}]
    )
    (kept,) = serving.update("scaled", "scaled", RetainAllVariantProperties=True)["ProductionVariants"]
    assert (kept["CurrentInstanceCount"], kept["CurrentWeight"]) == (4, 1.0)
    (reset,) = serving.update("scaled", "scaled")["ProductionVariants"]
    assert reset["CurrentInstanceCount"] == 1


def test_blocks_that_were_not_sent_are_not_answered(serving: Serving) -> None:
    serving.create("bare", serving.release("bare"))
    assert "DataCaptureConfig" not in serving.describe("bare")
    config = serving.client.describe_endpoint_config(EndpointConfigName="bare")
    assert {"DataCaptureConfig", "AsyncInferenceConfig", "KmsKeyId", "ShadowProductionVariants"}.isdisjoint(config)
    assert {"VpcConfig", "Containers"}.isdisjoint(serving.client.describe_model(ModelName="bare"))


def test_what_moto_would_forget_is_answered(serving: Serving) -> None:
    vpc = {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]}
    serving.client.create_model(
        ModelName="isolated",
        ExecutionRoleArn=ROLE,
        PrimaryContainer={"Image": "i"},
        EnableNetworkIsolation=True,
        VpcConfig=vpc,
    )
    model = serving.client.describe_model(ModelName="isolated")
    assert (model["EnableNetworkIsolation"], model["VpcConfig"]) == (True, vpc)


def test_an_instance_type_that_does_not_exist_is_refused(serving: Serving) -> None:
    serving.release("typo")
    with pytest.raises(ClientError, match=r"ml\.m99\.large"):
        serving.configure("typo-2", "typo", InstanceType="ml.m99.large", InitialInstanceCount=1)


def test_a_tag_that_is_set_again_replaces_the_old_one(serving: Serving) -> None:
    endpoint = serving.create("tagged", serving.release("tagged"), Tags=[{"Key": "a", "Value": "1"}])
    arn = endpoint["EndpointArn"]
    serving.client.add_tags(ResourceArn=arn, Tags=[{"Key": "a", "Value": "2"}, {"Key": "b", "Value": "3"}])
    tags = serving.client.list_tags(ResourceArn=arn)["Tags"]
    assert {tag["Key"]: tag["Value"] for tag in tags} == {"a": "2", "b": "3"}
    assert len(tags) == 2


def test_endpoints_are_listed_in_pages_by_a_part_of_their_name(serving: Serving) -> None:
    config = serving.release("listed")
    for number in range(12):
        serving.client.create_endpoint(EndpointName=f"many-{number}", EndpointConfigName=config)
    assert len(serving.client.list_endpoints(NameContains="many-")["Endpoints"]) == 10
    pages = serving.client.get_paginator("list_endpoints").paginate(NameContains="many-")
    assert len([endpoint for page in pages for endpoint in page["Endpoints"]]) == 12
    for number in range(12):
        serving.settled(f"many-{number}")
        serving.delete(f"many-{number}")
