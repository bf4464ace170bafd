"""The platform stack on the sandbox: in networks of its own, in the default VPC, changed in place, and gone."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from support.stack_cloud import HEADER, Applied, Cloud

pytestmark = pytest.mark.e2e

ALERTS = {"alert_emails": ["ml@acme.example"]}


def environments(cloud: Cloud) -> Sequence[dict[str, Any]]:
    found = cloud.client("batch").describe_compute_environments()["computeEnvironments"]
    return sorted(found, key=lambda one: str(one["computeEnvironmentName"]))


def places(cloud: Cloud) -> list[tuple[set[str], list[str]]]:
    """Subnets and security groups of every pool."""
    resources = [one["computeResources"] for one in environments(cloud)]
    return [(set(one["subnets"]), one["securityGroupIds"]) for one in resources]


def versions(cloud: Cloud) -> set[str]:
    """Versions of the launch template that pools start their instances from."""
    resources = [one["computeResources"] for one in environments(cloud)]
    return {one["launchTemplate"]["version"] for one in resources if "launchTemplate" in one}


def replaced(done: Sequence[str]) -> list[str]:
    """What became of pools and queues other than an update in place."""
    return [line for line in done if line.startswith("aws_batch") and not line.endswith("update")]


def test_a_platform_moves_from_network_to_network_in_place_and_leaves_nothing(
    cloud: Cloud, on_cloud: Callable[..., Applied]
) -> None:
    stack = on_cloud("platform")
    vpcs = cloud.client("ec2").describe_vpcs()["Vpcs"]

    def becomes(**wanted: Any) -> tuple[list[str], dict[str, Any]]:
        done = stack.apply(**HEADER, **ALERTS, **wanted)
        assert stack.pending(**HEADER, **ALERTS, **wanted) == []
        outputs = cloud.outputs("prod/platform.tfstate")
        network = outputs["network"]
        assert places(cloud) == [(set(network["subnet_ids"]), [network["security_group_id"]])] * 6
        return done, outputs

    _, first = becomes(cidr="10.20.0.0/16")
    assert first["network"]["vpc_id"] not in [vpc["VpcId"] for vpc in vpcs]
    assert first["alerts_topic"] == "arn:aws:sns:eu-west-1:123456789012:acme-prod-alerts"
    assert versions(cloud) == {"1"}

    done, second = becomes(cidr="10.21.0.0/16", zones=3, max_vcpus=8, disk=200)
    assert replaced(done) == [], "pools are updated in place"
    assert versions(cloud) == {"2"}, "and start their next instances with the larger disk"
    assert second["network"]["vpc_id"] != first["network"]["vpc_id"]
    assert len(second["network"]["subnet_ids"]) == 3

    done, third = becomes()
    assert replaced(done) == []
    assert third["network"]["vpc_id"] == next(vpc["VpcId"] for vpc in vpcs if vpc["IsDefault"])

    stack.destroy(**HEADER)
    assert environments(cloud) == []
    assert cloud.client("batch").describe_job_queues()["jobQueues"] == []
    assert cloud.client("ec2").describe_vpcs()["Vpcs"] == vpcs
    assert cloud.client("ec2").describe_addresses()["Addresses"] == []
    assert cloud.client("ec2").describe_launch_templates()["LaunchTemplates"] == []
    assert cloud.client("sns").list_topics()["Topics"] == []
    assert cloud.client("events").list_rules()["Rules"] == []
    assert cloud.client("cloudwatch").list_dashboards()["DashboardEntries"] == []
