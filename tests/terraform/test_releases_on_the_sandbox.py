"""Releases on the sandbox, by real Terraform: made before the endpoint moves, kept for a rollback, pruned after it."""

from collections.abc import Callable
from typing import Any

import pytest

from reconciler.core.desired import Endpoint, RealtimeEndpoint, ServerlessEndpoint
from reconciler.core.release import Release
from support.policies import policy
from support.stack_cloud import BUCKET, HEADER, REGION, Applied, Cloud

pytestmark = pytest.mark.e2e

REALTIME, SERVERLESS = RealtimeEndpoint("ml.m5.large"), ServerlessEndpoint(2048, 5)


def releases(*wanted: Release) -> dict[str, Any]:
    """Variables with these releases retained, the first one live."""
    values = [one.to_variable() for one in wanted]
    return {**HEADER, "project": "churn", "releases": values, "live": values[0]["name"] if values else ""}


def release(version: int, endpoint: Endpoint = REALTIME) -> Release:
    return Release(version, f"123456789012.dkr.ecr.{REGION}.amazonaws.com/acme-prod/churn/model:v{version}", endpoint)


def serving_role(cloud: Cloud) -> str:
    """Of somebody else, for whatever a model needs."""
    iam = cloud.client("iam")
    trust = {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
    may = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    made = iam.create_role(RoleName="theirs", AssumeRolePolicyDocument=policy(trust))
    iam.put_role_policy(RoleName="theirs", PolicyName="may", PolicyDocument=policy(may))
    return str(made["Role"]["Arn"])


def test_a_deployment_is_updated_rolled_back_pruned_and_retired(cloud: Cloud, on_cloud: Callable[..., Applied]) -> None:
    stack = on_cloud("deployment", "churn")
    stack.apply(**releases())
    for version in (1, 2, 3):
        cloud.push("acme-prod/churn/model", f"v{version}")

    def roll_out(*wanted: Release) -> list[str]:
        done = stack.apply(**releases(*wanted))
        assert stack.pending(**releases(*wanted)) == []
        assert cloud.serving("acme-prod-churn") == f"acme-prod-churn-{wanted[0].name}"
        return [line for line in done if "sagemaker" in line]

    one, two, three = release(1), release(2), release(3)
    roll_out(one)
    roll_out(two, one)
    assert roll_out(one, two) == ["aws_sagemaker_endpoint.live[0] update"], "a rollback is one change"
    pruned = roll_out(three, one)
    moved = pruned.index("aws_sagemaker_endpoint.live[0] update")
    assert all(line.endswith("create") for line in pruned[:moved]), (
        "what is served next exists before the endpoint moves"
    )
    assert all(line.endswith("delete") for line in pruned[moved + 1 :]), "what served before goes after it has moved"
    assert len(pruned) == 5
    anew = roll_out(release(3, SERVERLESS), three)
    assert [line for line in anew if "endpoint.live" in line] == [
        "aws_sagemaker_endpoint.live[0] delete",
        "aws_sagemaker_endpoint.live[0] create",
    ], "SageMaker cannot turn one into the other"

    stack.destroy(**releases())
    sagemaker = cloud.client("sagemaker")
    assert sagemaker.list_endpoints()["Endpoints"] == []
    assert sagemaker.list_models()["Models"] == []
    assert sagemaker.list_endpoint_configs()["EndpointConfigs"] == []
    assert cloud.client("cloudwatch").describe_alarms()["MetricAlarms"] == []


def test_an_apply_that_failed_never_passes_for_a_whole_one(cloud: Cloud, on_cloud: Callable[..., Applied]) -> None:
    stack = on_cloud("deployment", "torn")
    before = {**releases(), "project": "torn"}
    stack.apply(**before)
    broken = Release(1, f"123456789012.dkr.ecr.{REGION}.amazonaws.com/acme-prod/torn/model:v1", REALTIME)
    cloud.push("acme-prod/torn/model", "v1", "broken")
    stack.apply(fails=True, **{**releases(broken), "project": "torn", "owner": "search-ml"})
    outputs = cloud.outputs("prod/projects/torn/deployment.tfstate")
    assert outputs["spec"]["live"] == ""
    assert outputs["spec"]["owner"] == ""
    assert [one["name"] for one in outputs["releases"]] == [broken.name], "but what may exist is known"
    stack.destroy(**before)


def test_what_a_killed_run_left_is_imported_and_nothing_is_made_twice(
    cloud: Cloud, on_cloud: Callable[..., Applied]
) -> None:
    stack = on_cloud("deployment", "left")
    one = Release(1, f"123456789012.dkr.ecr.{REGION}.amazonaws.com/acme-prod/left/model:v1", REALTIME)
    wanted = {**releases(one), "project": "left"}
    stack.apply(**{**wanted, "releases": [], "live": ""})
    cloud.push("acme-prod/left/model", "v1")
    state = {"Bucket": BUCKET, "Key": "prod/projects/left/deployment.tfstate"}
    before = cloud.client("s3").get_object(**state)["Body"].read()
    stack.apply(**wanted)
    cloud.client("s3").put_object(**state, Body=before)
    left = [
        "aws_sagemaker_endpoint.live[0]",
        f'aws_sagemaker_model.release["{one.name}"]',
        f'aws_sagemaker_endpoint_configuration.release["{one.name}"]',
        "aws_ecr_repository.model",
        "aws_iam_role.serving",
        "aws_cloudwatch_log_group.endpoint",
    ]
    done = stack.apply(**wanted, adopt=left)
    assert [line for line in done if line.split()[0] in left and not line.endswith("update")] == []
    assert stack.pending(**wanted) == []
    assert cloud.serving("acme-prod-left") == f"acme-prod-left-{one.name}"
    stack.destroy(**wanted)


def test_an_adopted_endpoint_moves_in_place_and_loses_nothing_that_it_had(
    cloud: Cloud, on_cloud: Callable[..., Applied]
) -> None:
    stack, endpoint = on_cloud("deployment", "taken"), "acme-prod-taken"
    repository = f"123456789012.dkr.ecr.{REGION}.amazonaws.com/{endpoint.replace('prod-', 'prod/')}/model"
    stack.apply(**{**releases(), "project": "taken"})
    for version in (1, 2):
        cloud.push("acme-prod/taken/model", f"v{version}")
    sagemaker = cloud.client("sagemaker")
    role = serving_role(cloud)
    variant = {"VariantName": "AllTraffic", "ModelName": "theirs", "InitialInstanceCount": 1}
    sagemaker.create_model(ModelName="theirs", ExecutionRoleArn=role, PrimaryContainer={"Image": f"{repository}:v1"})
    sagemaker.create_endpoint_config(
        EndpointConfigName="theirs", ProductionVariants=[{**variant, "InstanceType": "ml.m5.large"}]
    )
    sagemaker.create_endpoint(EndpointName=endpoint, EndpointConfigName="theirs")

    def settle() -> None:
        waiter = sagemaker.get_waiter("endpoint_in_service")
        waiter.wait(EndpointName=endpoint, WaiterConfig={"Delay": 1, "MaxAttempts": 60})

    settle()
    two = Release(2, f"{repository}:v2", REALTIME)
    wanted = {**releases(two), "project": "taken"}
    done = stack.apply(**wanted, adopt=["aws_sagemaker_endpoint.live[0]"], unguarded=True)
    assert [line for line in done if "endpoint.live" in line] == ["aws_sagemaker_endpoint.live[0] update"]
    assert cloud.serving(endpoint) == f"{endpoint}-{two.name}"
    guardrails = cloud.outputs("prod/projects/taken/deployment.tfstate")["guardrails"]
    sagemaker.update_endpoint(
        EndpointName=endpoint, EndpointConfigName=f"{endpoint}-{two.name}", DeploymentConfig=guardrails
    )
    settle()
    assert stack.pending(**wanted) == []
    stack.destroy(**wanted)
    assert [one["ModelName"] for one in sagemaker.list_models()["Models"]] == ["theirs"]
    assert [one["EndpointConfigName"] for one in sagemaker.list_endpoint_configs()["EndpointConfigs"]] == ["theirs"]
