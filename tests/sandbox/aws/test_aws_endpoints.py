"""The life of SageMaker endpoints through boto3, with model servers that are real processes."""

import os
import signal
from typing import Any

import pytest
from botocore.exceptions import ClientError

from reconciler.sandbox.aws.sagemaker.fleet import NO_IMAGE, UNHEALTHY

ROLE = "arn:aws:iam::123456789012:role/serving"
BLUE_GREEN = {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "errors"}]}}


def test_an_endpoint_answers_once_it_is_in_service(serving: Any) -> None:
    config = serving.release("first")
    serving.client.create_endpoint(EndpointName="answering", EndpointConfigName=config)
    assert serving.describe("answering")["EndpointStatus"] == "Creating"
    with pytest.raises(ClientError, match=r"Endpoint answering of account 123456789012 not found.*Creating"):
        serving.ask("answering")
    endpoint = serving.settled("answering")
    assert (endpoint["EndpointStatus"], endpoint["EndpointConfigName"]) == ("InService", config)
    assert serving.ask("answering") == "first:1"


def test_an_answer_says_which_variant_gave_it_and_in_which_type(serving: Any) -> None:
    serving.create("typed", serving.release("typed"))
    answer = serving.runtime.invoke_endpoint(EndpointName="typed", Body=b"1", ContentType="text/csv")
    assert (answer["ContentType"], answer["InvokedProductionVariant"]) == ("text/csv", "AllTraffic")


def test_the_old_version_answers_until_the_new_one_is_healthy(serving: Any) -> None:
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
    serving: Any, name: str, flaw: str, reason: str
) -> None:
    serving.create(name, serving.release(f"{name}-good"))
    serving.client.update_endpoint(EndpointName=name, EndpointConfigName=serving.release(f"{name}-bad", {flaw: ""}))
    serving.eventually(lambda: serving.describe(name)["EndpointStatus"] == "RollingBack")
    assert serving.ask(name) == f"{name}-good:1"
    endpoint = serving.settled(name)
    assert (endpoint["EndpointStatus"], endpoint["EndpointConfigName"]) == ("InService", f"{name}-good")
    assert endpoint["FailureReason"] == UNHEALTHY.format(variant="AllTraffic")
    assert reason in serving.box.endpoint_log(name)
    assert serving.ask(name) == f"{name}-good:1"


def test_after_a_good_update_the_old_failure_is_forgotten(serving: Any) -> None:
    serving.create("mended", serving.release("mended-1"))
    assert "FailureReason" in serving.update("mended", serving.release("mended-2", {"broken": ""}))
    assert "FailureReason" not in serving.update("mended", serving.release("mended-3"))


def test_an_alarm_that_fires_during_an_update_rolls_it_back(serving: Any) -> None:
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


def test_an_endpoint_whose_model_does_not_come_up_fails_and_can_only_be_deleted(serving: Any) -> None:
    endpoint = serving.create("stillborn", serving.release("stillborn", {"broken": ""}))
    assert endpoint["EndpointStatus"] == "Failed"
    assert endpoint["FailureReason"] == UNHEALTHY.format(variant="AllTraffic")
    assert "no module named torch" in serving.box.endpoint_log("stillborn")
    with pytest.raises(ClientError, match="its creation failed"):
        serving.update("stillborn", "stillborn")
    serving.delete("stillborn")


def test_an_image_that_is_not_there_fails_the_endpoint(serving: Any) -> None:
    image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/nowhere:1"
    serving.client.create_model(ModelName="imageless", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": image})
    serving.configure("imageless", "imageless")
    endpoint = serving.create("imageless", "imageless")
    assert endpoint["EndpointStatus"] == "Failed"
    assert endpoint["FailureReason"] == NO_IMAGE.format(variant="AllTraffic")
    assert f"CannotPullContainerError: {image} not found" in serving.box.endpoint_log("imageless")


@pytest.mark.parametrize("operation", ["update_endpoint", "delete_endpoint"])
def test_an_endpoint_in_the_middle_of_something_is_left_alone(serving: Any, operation: str) -> None:
    name = f"busy-{operation[:6]}"
    config = serving.release(f"{name}-1")
    serving.client.create_endpoint(EndpointName=name, EndpointConfigName=config)
    arguments = {"EndpointName": name} | ({"EndpointConfigName": config} if operation == "update_endpoint" else {})
    with pytest.raises(ClientError, match="Cannot update in-progress endpoint"):
        getattr(serving.client, operation)(**arguments)
    assert serving.settled(name)["EndpointStatus"] == "InService"


def test_a_name_can_be_used_only_once(serving: Any) -> None:
    serving.create("unique", serving.release("unique"))
    with pytest.raises(
        ClientError, match='existing endpoint "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/unique"'
    ):
        serving.create("unique", "unique")
    with pytest.raises(ClientError, match=r'existing endpoint configuration "arn:aws:sagemaker.*/unique"'):
        serving.configure("unique", "unique")
    with pytest.raises(ClientError, match=r'existing model "arn:aws:sagemaker.*/unique"'):
        serving.client.create_model(ModelName="unique", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": "i"})


def test_deleting_an_endpoint_ends_its_process(serving: Any) -> None:
    before = {child.pid for child in serving.box.children()}
    serving.create("short-lived", serving.release("short-lived"))
    assert {child.pid for child in serving.box.children()} > before
    serving.delete("short-lived")
    assert {child.pid for child in serving.box.children()} == before
    with pytest.raises(ClientError, match=r'Could not find endpoint "arn:aws:sagemaker:.*:endpoint/short-lived"\.'):
        serving.describe("short-lived")


def test_an_update_is_refused_once_the_served_configuration_was_deleted(serving: Any) -> None:
    serving.create("orphaned", serving.release("orphaned-1"))
    serving.client.delete_endpoint_config(EndpointConfigName="orphaned-1")
    with pytest.raises(ClientError, match=r'Could not find endpoint configuration "arn:.*/orphaned-1"\.'):
        serving.update("orphaned", serving.release("orphaned-2"))
    assert serving.ask("orphaned") == "orphaned-1:1"


def test_a_model_that_refuses_the_input_is_quoted(serving: Any) -> None:
    serving.create("picky", serving.release("picky"))
    with pytest.raises(ClientError, match="Received client error") as caught:
        serving.ask("picky", b"bad")
    assert caught.value.response["Error"]["Code"] == "ModelError"
    assert caught.value.response["OriginalStatusCode"] == 400
    assert caught.value.response["OriginalMessage"] == "picky:bad"


@pytest.mark.parametrize("way", ["while it answers", "between answers"])
def test_a_model_server_that_dies_is_started_again(serving: Any, way: str) -> None:
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
