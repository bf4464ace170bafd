"""Real Terraform makes an environment's state bucket and roles on the sandbox, changes them and leaves nothing."""

from collections.abc import Callable
from typing import Any

import pytest

from support.stack_cloud import HEADER, Applied, Cloud

pytestmark = pytest.mark.e2e

STATE = "prod/bootstrap.tfstate"
ALONE = {**HEADER, "state_bucket": "acme-prod-states"}
GITHUB = {**ALONE, "github": {"repository": "acme/models", "environment": "prod"}}


def test_a_bucket_and_then_roles_are_made_changed_and_leave_nothing(
    cloud: Cloud, on_cloud: Callable[..., Applied]
) -> None:
    stack = on_cloud("bootstrap")
    stack.apply(**ALONE)
    assert stack.pending(**ALONE) == []
    assert cloud.outputs(STATE)["bucket"] == ALONE["state_bucket"]
    assert (cloud.outputs(STATE)["plan_role_arn"], roles(cloud)) == ("", [])

    added = stack.apply(**GITHUB)
    assert not [line for line in added if line.endswith("delete")], "the states stay where they are"
    assert stack.pending(**GITHUB) == []
    assert roles(cloud) == ["acme-prod-apply", "acme-prod-plan"]

    moved = {**GITHUB, "github": {"repository": "acme/models", "environment": "live"}}
    done = stack.apply(**moved)
    assert all(line.endswith("update") for line in done)
    assert stack.pending(**moved) == []

    stack.destroy(**moved)
    iam = cloud.client("iam")
    assert roles(cloud) == []
    assert iam.list_policies(Scope="Local")["Policies"] == []
    assert iam.list_open_id_connect_providers()["OpenIDConnectProviderList"] == []
    assert ALONE["state_bucket"] not in buckets(cloud)


def test_a_bucket_of_somebody_else_is_left_alone(cloud: Cloud, on_cloud: Callable[..., Applied]) -> None:
    stack = on_cloud("bootstrap")
    theirs = {**GITHUB, "state_bucket": "states", "own_bucket": False}
    done = stack.apply(**theirs)
    assert not [line for line in done if "aws_s3" in line]
    assert stack.pending(**theirs) == []
    stack.destroy(**theirs)
    assert "states" in buckets(cloud)


def roles(cloud: Cloud) -> list[str]:
    names = [one["RoleName"] for one in cloud.client("iam").list_roles()["Roles"]]
    return sorted(name for name in names if name.startswith("acme-prod-"))


def buckets(cloud: Cloud) -> list[Any]:
    return [one["Name"] for one in cloud.client("s3").list_buckets()["Buckets"]]
