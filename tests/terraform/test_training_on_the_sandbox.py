"""Training stacks of every kind of pool on the sandbox: with a schedule, with a policy, changed in place, and gone."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from support.stack_cloud import BUCKET, HEADER, REGION, Applied, Cloud

pytestmark = pytest.mark.e2e

ACCOUNT = "123456789012"
IMAGES = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/acme-prod/churn/training"
OLDER, NEWER = f"{IMAGES}:0123456789ab", f"{IMAGES}:ba9876543210"
WEEKLY = {"schedule": "cron(0 3 ? * MON *)", "queue": "acme-prod-fargate"}
POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::acme-data/churn/*"]}],
}


def training(**more: Any) -> dict[str, Any]:
    """Variables of a small Fargate training."""
    return {
        **HEADER,
        "project": "churn",
        "image": OLDER,
        "vcpu": 0.25,
        "memory": 512,
        "timeout": 3600,
        "attempts": 3,
        "tracking_uri": "http://mlflow.test",
        "experiment": "prod/churn",
        "model": "churn",
        **more,
    }


def definition(cloud: Cloud) -> dict[str, Any]:
    """The only active revision of the project's job definition."""
    active = cloud.client("batch").describe_job_definitions(status="ACTIVE")["jobDefinitions"]
    assert len(active) == 1
    return dict(active[0])


def job_policy(cloud: Cloud) -> dict[str, Any]:
    found = cloud.client("iam").get_role_policy(RoleName="acme-prod-churn-training-job", PolicyName="training-jobs")
    return dict(found["PolicyDocument"])


def schedules(cloud: Cloud) -> list[str]:
    return [schedule["Name"] for schedule in cloud.client("scheduler").list_schedules()["Schedules"]]


def test_a_training_stack_goes_from_pool_to_pool_and_leaves_nothing(
    cloud: Cloud, on_cloud: Callable[..., Applied]
) -> None:
    stack = on_cloud("training", "churn")

    def becomes(**wanted: Any) -> list[str]:
        variables = training(**wanted)
        done = stack.apply(**variables)
        assert stack.pending(**variables) == []
        spec = cloud.outputs("prod/projects/churn/training.tfstate")["spec"]
        assert {name: spec[name] for name in wanted} == wanted
        return done

    becomes(**WEEKLY, artifact_bucket="acme-prod-mlflow", public_ips=False)
    assert definition(cloud)["platformCapabilities"] == ["FARGATE"]
    assert [one["Sid"] for one in job_policy(cloud)["Statement"]][-2:] == ["OwnObjects", "ListOwnObjects"]
    target = cloud.client("scheduler").get_schedule(Name="acme-prod-churn")["Target"]
    assert json.loads(target["Input"])["JobQueue"] == "acme-prod-fargate"

    newer = becomes(**WEEKLY, artifact_bucket="acme-prod-mlflow", public_ips=False, image=NEWER)
    assert "aws_ecr_lifecycle_policy.training create" in newer, "the newest image is the one that is kept"
    assert not [line for line in newer if "scheduler" in line], "the clock submits by name"

    to_spot = becomes(compute="spot", schedule=WEEKLY["schedule"], queue="acme-prod-spot", policy=json.dumps(POLICY))
    assert "aws_scheduler_schedule.training[0] update" in to_spot
    assert "aws_iam_role_policy.job update" in to_spot
    assert definition(cloud)["platformCapabilities"] == ["EC2"]
    assert job_policy(cloud) == POLICY

    becomes(compute="on_demand", gpu=1, vcpu=4, memory=16384, owner="search-ml")
    container = definition(cloud)["containerProperties"]
    requirements = {one["type"]: one["value"] for one in container["resourceRequirements"]}
    assert requirements == {"GPU": "1", "MEMORY": "16384", "VCPU": "4"}
    assert schedules(cloud) == [], "no schedule any more"
    assert job_policy(cloud) != POLICY, "the default again"

    cloud.client("s3").delete_object(Bucket=BUCKET, Key="prod/projects/churn/training.tfstate")
    left = ["aws_ecr_repository.training", "aws_iam_role.execution", "aws_iam_role.job"]
    left.append("aws_cloudwatch_log_group.training")
    anew = stack.apply(**training(), adopt=left)
    assert [line for line in anew if line.split()[0] in left and line.endswith("create")] == [], "a killed run left it"

    stack.destroy(**training())
    assert cloud.client("ecr").describe_repositories()["repositories"] == []
    assert cloud.client("logs").describe_log_groups(logGroupNamePrefix="/acme")["logGroups"] == []
    assert cloud.client("batch").describe_job_definitions(status="ACTIVE")["jobDefinitions"] == []
    assert [role["RoleName"] for role in cloud.client("iam").list_roles()["Roles"] if "acme" in role["RoleName"]] == []
