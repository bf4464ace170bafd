"""Deployment configurations: which ones SageMaker takes, and what it tells of them."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from reconciler.sandbox.aws.sagemaker.deployments import refusal


def percent(value: int) -> dict[str, Any]:
    return {"Type": "CAPACITY_PERCENT", "Value": value}


def blue_green(kind: str, wait: int = 60, more: dict[str, Any] | None = None, **routing: Any) -> dict[str, Any]:
    traffic = {"Type": kind, "WaitIntervalInSeconds": wait, **routing}
    return {"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": traffic, **(more or {})}}


def rolling(size: dict[str, Any], wait: int = 60) -> dict[str, Any]:
    return {"RollingUpdatePolicy": {"MaximumBatchSize": size, "WaitIntervalInSeconds": wait}}


ALL_AT_ONCE = blue_green("ALL_AT_ONCE", wait=0)
CANARY = blue_green("CANARY", CanarySize=percent(25))
LINEAR = blue_green("LINEAR", LinearStepSize=percent(25))
ROLLING = rolling(percent(50))
ALARMS = [{"AlarmName": f"alarm-{number}"} for number in range(11)]

ACCEPTED = {
    "none": None,
    "empty": {},
    "all at once": ALL_AT_ONCE,
    "canary": CANARY,
    "canary of instances": blue_green("CANARY", CanarySize={"Type": "INSTANCE_COUNT", "Value": 70}),
    "linear": LINEAR,
    "rolling": ROLLING,
    "ten alarms": {**ALL_AT_ONCE, "AutoRollbackConfiguration": {"Alarms": ALARMS[:10]}},
}
REFUSED = {
    "canary too big": (blue_green("CANARY", CanarySize=percent(51)), "CanarySize must be 1 to 50 percent"),
    "canary without a size": (blue_green("CANARY"), "CanarySize is missing"),
    "linear too small": (blue_green("LINEAR", LinearStepSize=percent(9)), "LinearStepSize must be 10 to 50 percent"),
    "linear without a size": (blue_green("LINEAR", CanarySize=percent(10)), "CanarySize has no meaning"),
    "batch too small": (rolling(percent(4)), "MaximumBatchSize must be 5 to 50 percent"),
    "wait too long": (rolling(percent(50), wait=3601), "WaitIntervalInSeconds must be 0 to 3600"),
    "two policies": ({**CANARY, **ROLLING}, "Only one update policy"),
    "too many alarms": ({**CANARY, "AutoRollbackConfiguration": {"Alarms": ALARMS}}, "At most 10 alarms"),
    "too little time": (
        blue_green("ALL_AT_ONCE", more={"MaximumExecutionTimeoutInSeconds": 599}),
        "MaximumExecutionTimeoutInSeconds must be 600 to 28800",
    ),
    "old fleet kept too long": (
        blue_green("ALL_AT_ONCE", more={"TerminationWaitInSeconds": 3601}),
        "TerminationWaitInSeconds must be 0 to 3600",
    ),
}


@pytest.mark.parametrize("config", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_a_deployment_within_the_limits_is_accepted(config: dict[str, Any] | None) -> None:
    assert refusal(config, serverless=False) == ""


@pytest.mark.parametrize(("config", "why"), REFUSED.values(), ids=REFUSED.keys())
def test_a_deployment_beyond_the_limits_is_refused(config: dict[str, Any], why: str) -> None:
    assert why in refusal(config, serverless=False)


@pytest.mark.parametrize(
    ("config", "taken"), [(ALL_AT_ONCE, True), (CANARY, False), (LINEAR, False), (ROLLING, False), (None, True)]
)
def test_serverless_endpoints_are_replaced_all_at_once(config: dict[str, Any] | None, taken: bool) -> None:
    assert (refusal(config, serverless=True) == "") is taken


@pytest.mark.parametrize("config", [CANARY, LINEAR, ROLLING], ids=["canary", "linear", "rolling"])
def test_an_update_tells_how_it_was_deployed(serving: Any, config: dict[str, Any]) -> None:
    name = f"deployed-{next(iter(config)).lower()}-{str(config).count('Linear')}"
    serving.create(name, serving.release(f"{name}-1"), DeploymentConfig=ALL_AT_ONCE)
    endpoint = serving.update(name, serving.release(f"{name}-2"), DeploymentConfig=config)
    assert (endpoint["EndpointConfigName"], endpoint["LastDeploymentConfig"]) == (f"{name}-2", config)


def test_a_refused_deployment_leaves_the_endpoint_alone(serving: Any) -> None:
    bad = blue_green("CANARY", CanarySize=percent(51))
    serving.create("cautious", serving.release("cautious-1"), DeploymentConfig=ALL_AT_ONCE)
    with pytest.raises(ClientError, match="CanarySize must be 1 to 50 percent"):
        serving.update("cautious", serving.release("cautious-2"), DeploymentConfig=bad)
    assert serving.settled("cautious")["LastDeploymentConfig"] == ALL_AT_ONCE
    with pytest.raises(ClientError, match="CanarySize must be 1 to 50 percent"):
        serving.create("never", "cautious-1", DeploymentConfig=bad)
