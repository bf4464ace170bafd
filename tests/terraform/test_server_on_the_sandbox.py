"""Real Terraform makes the MLflow server's stack on the sandbox, changes it in place and leaves nothing of it.

No server runs there: what is tested is that every resource converges.
"""

from collections.abc import Callable
from typing import Any

import pytest

from support.stack_cloud import HEADER, REGION, Applied, Cloud

pytestmark = pytest.mark.e2e

IMAGE = f"123456789012.dkr.ecr.{REGION}.amazonaws.com/acme-prod/mlflow-server:0123456789ab"
SERVER = {
    **HEADER,
    "zones": 2,
    "cpu": 1024,
    "memory": 4096,
    "min_tasks": 1,
    "max_tasks": 2,
    "database": {"engine": "mysql", "instance_class": "db.t4g.micro", "storage": 20, "multi_az": False},
    "host": "mlflow.acme-prod.internal",
    "deletion_protection": False,
}


def test_a_server_is_made_in_two_steps_changed_in_place_and_leaves_nothing(
    cloud: Cloud, on_cloud: Callable[..., Applied]
) -> None:
    stack = on_cloud("mlflow-server")
    stack.apply(**SERVER, image="")
    assert stack.pending(**SERVER, image="") == []
    assert cloud.client("ecs").list_services(cluster="acme-prod-mlflow")["serviceArns"] == []
    assert cloud.outputs("prod/mlflow-server.tfstate")["repository_url"] == IMAGE.rpartition(":")[0]

    started = stack.apply(**SERVER, image=IMAGE)
    assert "aws_ecs_service.mlflow[0] create" in started
    assert stack.pending(**SERVER, image=IMAGE) == []

    bigger = {**SERVER, "cpu": 2048, "max_tasks": 3}
    done = stack.apply(**bigger, image=IMAGE)
    assert "aws_ecs_service.mlflow[0] update" in done
    replaced = [line for line in done if not line.endswith("update")]
    assert all("aws_ecs_task_definition" in line for line in replaced), "nothing that holds data is made anew"
    assert stack.pending(**bigger, image=IMAGE) == []
    (service,) = services(cloud)
    assert (service["runningCount"], service["deployments"][0]["rolloutState"]) == (1, "COMPLETED")

    stack.destroy(**bigger, image=IMAGE)
    assert left(cloud) == {}


def services(cloud: Cloud) -> list[dict[str, Any]]:
    ecs = cloud.client("ecs")
    return ecs.describe_services(cluster="acme-prod-mlflow", services=["acme-prod-mlflow"])["services"]


def left(cloud: Cloud) -> dict[str, list[Any]]:
    """What the account still holds of the stack's kinds, by kind."""
    ec2 = cloud.client("ec2")
    clusters = cloud.client("ecs").describe_clusters(clusters=["acme-prod-mlflow"])["clusters"]
    found = {
        "networks": [one for one in ec2.describe_vpcs()["Vpcs"] if not one["IsDefault"]],
        "gateways": [one for one in ec2.describe_nat_gateways()["NatGateways"] if one["State"] != "deleted"],
        "addresses": ec2.describe_addresses()["Addresses"],
        "flow logs": ec2.describe_flow_logs()["FlowLogs"],
        "databases": cloud.client("rds").describe_db_instances()["DBInstances"],
        "secrets": cloud.client("secretsmanager").list_secrets()["SecretList"],
        "buckets": [one["Name"] for one in cloud.client("s3").list_buckets()["Buckets"] if "mlflow" in one["Name"]],
        "repositories": cloud.client("ecr").describe_repositories()["repositories"],
        "load balancers": cloud.client("elbv2").describe_load_balancers()["LoadBalancers"],
        "zones": cloud.client("route53").list_hosted_zones()["HostedZones"],
        "logs": cloud.client("logs").describe_log_groups()["logGroups"],
        "roles": [one for one in cloud.client("iam").list_roles()["Roles"] if one["RoleName"].startswith("acme")],
        "clusters": [one for one in clusters if one["status"] != "INACTIVE"],
    }
    return {kind: things for kind, things in found.items() if things}
