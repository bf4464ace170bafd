"""Every way to serve, through the command line: asynchronous, scaled, captured, canary and serverless."""

import json
import time

import pytest

from support.checkout import Checkout
from support.moody import MOODY, REQUEST

pytestmark = pytest.mark.e2e

NAME = "served"
BUCKET = "e2e-test-served-123456789012"
ASYNC = {
    "type": "async",
    "instance_type": "ml.m5.large",
    "instances": {"min": 0, "max": 2, "backlog_per_instance": 5},
}
SCALED = {
    "type": "realtime",
    "resources": {"vcpu": 2, "memory": 4096},
    "instances": {"min": 1, "max": 4, "invocations_per_instance": 100},
    "vpc": True,
}
MONITORED = {"alarms": {"errors_5xx": "1%", "latency_p99": "400ms"}, "capture": {"sample": "100%"}}
CANARY = {"strategy": "canary", "size": "25%", "bake": "1s"}


def serve(checkout: Checkout, **deployment) -> None:
    """Make it so, and see that nothing is left to do."""
    monitoring = deployment.pop("monitoring", {})
    checkout.want(NAME, deployment={"version": 1, **deployment}, **({"monitoring": monitoring} if monitoring else {}))
    ran = checkout.run("--wait", "--project", NAME)
    assert ran.code == 0, ran
    again = checkout.run("--dry-run", "--detailed-exitcode", "--project", NAME)
    assert again.code == 0, again


def test_an_asynchronous_endpoint_answers_through_its_queue(checkout):
    checkout.add_project(NAME, MOODY)
    serve(checkout, endpoint=ASYNC)
    assert checkout.ask(NAME, REQUEST) == ["good", "good"]
    targets = checkout.aws("application-autoscaling").describe_scalable_targets(
        ServiceNamespace="sagemaker", ResourceIds=["endpoint/e2e-test-served/variant/AllTraffic"]
    )["ScalableTargets"]
    assert [(one["MinCapacity"], one["MaxCapacity"]) for one in targets] == [(0, 2)]


def test_a_scaled_endpoint_in_the_network_captures_what_it_is_asked(checkout):
    serve(checkout, endpoint=SCALED, rollout=CANARY, monitoring=MONITORED)
    assert checkout.ask(NAME, REQUEST) == ["good", "good"]
    sagemaker = checkout.aws("sagemaker")
    live = sagemaker.describe_endpoint(EndpointName="e2e-test-served")
    routing = live["LastDeploymentConfig"]["BlueGreenUpdatePolicy"]["TrafficRoutingConfiguration"]
    assert routing["CanarySize"] == {"Type": "CAPACITY_PERCENT", "Value": 25}
    configuration = sagemaker.describe_endpoint_config(EndpointConfigName=live["EndpointConfigName"])
    [variant] = configuration["ProductionVariants"]
    model = sagemaker.describe_model(ModelName=variant["ModelName"])
    assert (variant["InstanceType"], bool(model["VpcConfig"]["Subnets"])) == ("ml.c5.large", True)
    [line] = captured(checkout)
    assert "good" in json.dumps(line["captureData"]["endpointOutput"])


def captured(checkout: Checkout) -> list[dict]:
    """What was captured, once it is there: SageMaker writes it after the answer."""
    s3, deadline = checkout.aws("s3"), time.monotonic() + 30
    while True:
        found = s3.list_objects_v2(Bucket=BUCKET, Prefix="capture/").get("Contents", [])
        bodies = [s3.get_object(Bucket=BUCKET, Key=one["Key"])["Body"].read().decode() for one in found]
        if bodies or time.monotonic() > deadline:
            return [json.loads(line) for body in bodies for line in body.splitlines()]
        time.sleep(0.5)


def test_instances_that_autoscaling_added_survive_a_rollout(checkout):
    sagemaker = checkout.aws("sagemaker")
    sagemaker.update_endpoint_weights_and_capacities(
        EndpointName="e2e-test-served",
        DesiredWeightsAndCapacities=[{"VariantName": "AllTraffic", "DesiredInstanceCount": 3}],
    )
    unchanged = checkout.run("--dry-run", "--detailed-exitcode", "--project", NAME)
    assert unchanged.code == 0, unchanged
    drift = checkout.run("drift", "--detailed-exitcode", "--project", NAME)
    assert drift.code == 0, drift
    serve(checkout, endpoint={**SCALED, "vpc": False}, rollout=CANARY, monitoring=MONITORED)
    [variant] = sagemaker.describe_endpoint(EndpointName="e2e-test-served")["ProductionVariants"]
    assert variant["DesiredInstanceCount"] == 3


def test_a_serverless_endpoint_answers_as_well(checkout):
    serve(checkout, endpoint={"type": "serverless"})
    assert checkout.ask(NAME, REQUEST) == ["good", "good"]
    retired = checkout.run("undeploy", NAME)
    assert retired.code == 0, retired
    buckets = [one["Name"] for one in checkout.aws("s3").list_buckets()["Buckets"]]
    assert BUCKET not in buckets
