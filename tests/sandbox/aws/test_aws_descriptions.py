"""What SageMaker tells of its resources through boto3."""

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


def test_what_a_container_prints_can_be_read_in_its_log(serving: Any) -> None:
    serving.create("logged", serving.release("logged"))
    logs, group = serving.box.client("logs"), "/aws/sagemaker/Endpoints/logged"
    (stream,) = logs.describe_log_streams(logGroupName=group)["logStreams"]
    assert stream["logStreamName"].startswith("AllTraffic/i-")
    events = logs.get_log_events(logGroupName=group, logStreamName=stream["logStreamName"])["events"]
    assert [event["message"] for event in events] == ["environment says this is logged"]


def test_a_serverless_endpoint_is_described_as_one(serving: Any) -> None:
    size = {"MemorySizeInMB": 2048, "MaxConcurrency": 5}
    endpoint = serving.create("serverless", serving.release("serverless", ServerlessConfig=size))
    (variant,) = endpoint["ProductionVariants"]
    assert (variant["CurrentServerlessConfig"], variant["DesiredServerlessConfig"]) == (size, size)
    assert "CurrentInstanceCount" not in variant
    assert serving.ask("serverless") == "serverless:1"


def test_the_deployment_configuration_is_told(serving: Any) -> None:
    endpoint = serving.create("careful", serving.release("careful"), DeploymentConfig=BLUE_GREEN)
    assert endpoint["LastDeploymentConfig"] == BLUE_GREEN
    retained = serving.update("careful", "careful", RetainDeploymentConfig=True)
    assert retained["LastDeploymentConfig"] == BLUE_GREEN
    assert "LastDeploymentConfig" not in serving.update("careful", "careful")


def test_an_update_may_retain_the_scaled_instance_count(serving: Any) -> None:
    serving.create("scaled", serving.release("scaled"))
    serving.client.update_endpoint_weights_and_capacities(
        EndpointName="scaled", DesiredWeightsAndCapacities=[{"VariantName": "AllTraffic", "DesiredInstanceCount": 4}]
    )
    (kept,) = serving.update("scaled", "scaled", RetainAllVariantProperties=True)["ProductionVariants"]
    assert (kept["CurrentInstanceCount"], kept["CurrentWeight"]) == (4, 1.0)
    (reset,) = serving.update("scaled", "scaled")["ProductionVariants"]
    assert reset["CurrentInstanceCount"] == 1


def test_blocks_that_were_not_sent_are_not_answered(serving: Any) -> None:
    serving.create("bare", serving.release("bare"))
    assert "DataCaptureConfig" not in serving.describe("bare")
    config = serving.client.describe_endpoint_config(EndpointConfigName="bare")
    assert {"DataCaptureConfig", "AsyncInferenceConfig", "KmsKeyId", "ShadowProductionVariants"}.isdisjoint(config)
    assert {"VpcConfig", "Containers"}.isdisjoint(serving.client.describe_model(ModelName="bare"))


def test_what_moto_would_forget_is_answered(serving: Any) -> None:
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


def test_an_instance_type_that_does_not_exist_is_refused(serving: Any) -> None:
    serving.release("typo")
    with pytest.raises(ClientError, match=r"ml\.m99\.large"):
        serving.configure("typo-2", "typo", InstanceType="ml.m99.large", InitialInstanceCount=1)


def test_a_tag_that_is_set_again_replaces_the_old_one(serving: Any) -> None:
    endpoint = serving.create("tagged", serving.release("tagged"), Tags=[{"Key": "a", "Value": "1"}])
    arn = endpoint["EndpointArn"]
    serving.client.add_tags(ResourceArn=arn, Tags=[{"Key": "a", "Value": "2"}, {"Key": "b", "Value": "3"}])
    tags = serving.client.list_tags(ResourceArn=arn)["Tags"]
    assert {tag["Key"]: tag["Value"] for tag in tags} == {"a": "2", "b": "3"}
    assert len(tags) == 2


def test_endpoints_are_listed_in_pages_by_a_part_of_their_name(serving: Any) -> None:
    config = serving.release("listed")
    for number in range(12):
        serving.client.create_endpoint(EndpointName=f"many-{number}", EndpointConfigName=config)
    assert len(serving.client.list_endpoints(NameContains="many-")["Endpoints"]) == 10
    pages = serving.client.get_paginator("list_endpoints").paginate(NameContains="many-")
    assert len([endpoint for page in pages for endpoint in page["Endpoints"]]) == 12
    for number in range(12):
        serving.settled(f"many-{number}")
        serving.delete(f"many-{number}")
