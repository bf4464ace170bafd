"""Every kind of endpoint on the sandbox: applied, changed in place, rolled back and removed by real Terraform."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from reconciler.core.desired import AsyncEndpoint, Endpoint, RealtimeEndpoint, ServerlessEndpoint
from reconciler.core.release import Release, Vpc
from support.stack_cloud import HEADER, REGION, Applied, Cloud

pytestmark = pytest.mark.e2e

ACCOUNT = "123456789012"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:acme-prod-alerts"
ENDPOINT, REPOSITORY = "aws_sagemaker_endpoint.live[0]", "acme-prod/churn/model"
NAME, BUCKET = "acme-prod-churn", f"acme-prod-churn-{ACCOUNT}"
SMALL, LARGE = RealtimeEndpoint("ml.m5.large", 2), RealtimeEndpoint("ml.m5.xlarge", 2)
QUEUED = AsyncEndpoint("ml.m5.large", instances=1, max_concurrent=4)
SCALING = {"min": 1, "max": 4, "target": 200}
CANARY = {"strategy": "canary", "size": 25, "bake": 60}
LINEAR = {"strategy": "linear", "size": 20, "bake": 60}
ROLLING = {"strategy": "rolling", "size": 50, "bake": 60}
WATCHFUL = {"errors_5xx": 1, "errors_4xx": 10, "latency_p99": 400}
CALM = {"errors_5xx": 5, "errors_4xx": 0, "latency_p99": 0}


def release(version: int, endpoint: Endpoint, **more: Any) -> Release:
    return Release(version, f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/{REPOSITORY}:v{version}", endpoint, **more)


@dataclass(frozen=True, slots=True)
class Project:
    """The deployment stack of a project, with what it was told before."""

    cloud: Cloud
    stack: Applied
    settings: dict[str, Any]

    def roll_out(self, *wanted: Release, **changed: Any) -> list[str]:
        """Serve the first release; returns what Terraform did, save its notes. Nothing may be left to do afterwards."""
        self.settings.update(changed)
        releases = [{"env": {}, **one.to_variable()} for one in wanted]
        variables = {**self.settings, "releases": releases, "live": releases[0]["name"]}
        done = self.stack.apply(**variables)
        assert self.stack.pending(**variables) == []
        assert self.cloud.serving(NAME) == f"{NAME}-{wanted[0].name}"
        spec = self.outputs()["spec"]
        assert spec == {**spec, **{name: variables[name] for name in spec.keys() & variables.keys()}}
        return [line for line in done if not line.startswith("terraform_data.")]

    def outputs(self) -> dict[str, Any]:
        return self.cloud.outputs("prod/projects/churn/deployment.tfstate")

    def is_guarded_as_it_says(self) -> bool:
        """Whether the endpoint has the guardrails of the stack's output; the order of alarms means nothing."""
        described = self.cloud.client("sagemaker").describe_endpoint(EndpointName=NAME)
        return in_order(described["LastDeploymentConfig"]) == in_order(self.outputs()["guardrails"])

    def retire(self) -> None:
        """Everything is gone afterwards."""
        self.stack.destroy(**self.settings, releases=[], live="")
        assert left_over(self.cloud) == []


def in_order(guardrails: dict[str, Any]) -> dict[str, Any]:
    alarms = sorted(one["AlarmName"] for one in guardrails["AutoRollbackConfiguration"]["Alarms"])
    return {**guardrails, "AutoRollbackConfiguration": alarms}


def left_over(cloud: Cloud) -> list[str]:
    """Names of what a deployment leaves behind."""
    sagemaker, watch = cloud.client("sagemaker"), cloud.client("cloudwatch")
    scaling = cloud.client("application-autoscaling").describe_scalable_targets(ServiceNamespace="sagemaker")
    return [
        *(one["EndpointName"] for one in sagemaker.list_endpoints()["Endpoints"]),
        *(one["EndpointConfigName"] for one in sagemaker.list_endpoint_configs()["EndpointConfigs"]),
        *(one["ModelName"] for one in sagemaker.list_models()["Models"]),
        *(one["AlarmName"] for one in watch.describe_alarms()["MetricAlarms"]),
        *(one["DashboardName"] for one in watch.list_dashboards()["DashboardEntries"]),
        *(one["ResourceId"] for one in scaling["ScalableTargets"]),
        *(one["Name"] for one in cloud.client("s3").list_buckets()["Buckets"] if one["Name"] == BUCKET),
        *(one["repositoryName"] for one in cloud.client("ecr").describe_repositories()["repositories"]),
    ]


@pytest.fixture
def project(cloud: Cloud, on_cloud: Callable[..., Applied]) -> Iterator[Project]:
    """A project whose images of versions 1 to 3 are there, and which is retired in the end."""
    made = Project(cloud, on_cloud("deployment", "churn"), {**HEADER, "project": "churn", "alerts_topic": TOPIC})
    made.stack.apply(**made.settings, releases=[], live="")
    shutil.rmtree(cloud.images, ignore_errors=True)  # the repository of the test before took its images with it
    for version in (1, 2, 3):
        cloud.push(REPOSITORY, f"v{version}")
    yield made
    made.retire()


def test_rollout_strategies_and_rollback_alarms_change_in_place(project: Project) -> None:
    one, alarm = release(1, SMALL), "aws_cloudwatch_metric_alarm.latency_p99[0]"
    project.roll_out(one)
    watched = project.roll_out(one, rollout=CANARY, alarms=WATCHFUL)
    assert watched.index(f"{alarm} create") < watched.index(f"{ENDPOINT} update")
    assert project.is_guarded_as_it_says()
    forgotten = project.roll_out(one, rollout=ROLLING, alarms=CALM)
    assert forgotten.index(f"{ENDPOINT} update") < forgotten.index(f"{alarm} delete")
    assert project.is_guarded_as_it_says()
    assert project.roll_out(one, rollout=LINEAR) == [f"{ENDPOINT} update"]
    assert project.is_guarded_as_it_says()


def test_scaling_steps_aside_while_the_instance_type_changes(project: Project) -> None:
    small, large = release(1, SMALL), release(2, LARGE)
    project.roll_out(small, scaling=SCALING)
    moved = project.roll_out(large, small)
    target = "aws_appautoscaling_target.live[0]"
    steps = [f"{target} delete", f"{ENDPOINT} update", f"{target} create", "aws_appautoscaling_policy.track[0] create"]
    assert [line for line in moved if line in steps] == steps, "SageMaker refuses another instance type otherwise"
    newer = project.roll_out(release(3, LARGE), large, scaling={**SCALING, "max": 6})
    assert [line for line in newer if "autoscaling" in line] == [f"{target} update"], "same type: scaling stays"


def test_a_serverless_endpoint_is_updated_and_rolled_back(project: Project) -> None:
    one, two = release(1, ServerlessEndpoint(2048, 5)), release(2, ServerlessEndpoint(4096, 10))
    project.roll_out(one)
    assert f"{ENDPOINT} update" in project.roll_out(two, one)
    assert f"{ENDPOINT} update" in project.roll_out(one, two)
    assert "guardrails" not in project.outputs(), "SageMaker has none for it"


def test_an_async_endpoint_captures_scales_to_zero_and_becomes_a_realtime_one_in_a_network(
    project: Project,
) -> None:
    network = project.cloud.client("ec2")
    subnets = [subnet["SubnetId"] for subnet in network.describe_subnets()["Subnets"][:2]]
    groups = [network.describe_security_groups()["SecurityGroups"][0]["GroupId"]]
    one, two = release(1, QUEUED, capture=20), release(2, QUEUED, capture=20)
    done = project.roll_out(one, scaling={"min": 0, "max": 2, "target": 5})
    assert "aws_appautoscaling_policy.wake[0] create" in done
    assert "aws_s3_bucket.data[0] create" in done
    assert f"{ENDPOINT} update" in project.roll_out(two, one)
    assert f"{ENDPOINT} update" in project.roll_out(one, two)
    configuration = project.cloud.client("sagemaker").describe_endpoint_config(EndpointConfigName=f"{NAME}-{one.name}")
    output = configuration["AsyncInferenceConfig"]["OutputConfig"]
    assert output["S3OutputPath"] == f"s3://{BUCKET}/async/output"
    assert output["NotificationConfig"] == {"ErrorTopic": TOPIC}
    assert configuration["DataCaptureConfig"]["InitialSamplingPercentage"] == 20
    inside = release(3, SMALL, vpc=Vpc(tuple(subnets), tuple(groups)))
    anew = project.roll_out(inside, one, scaling=SCALING)
    assert anew.index(f"{ENDPOINT} delete") < anew.index(f"{ENDPOINT} create")
    assert anew.index("aws_appautoscaling_target.live[0] delete") < anew.index(f"{ENDPOINT} delete")
