"""What the reconciler makes of AWS in trouble: its own adapters, on a sandbox that is told to fail."""

import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from reconciler.adapters.aws.endpoints import SageMakerEndpoints
from reconciler.adapters.aws.jobs import BatchJobs
from reconciler.adapters.aws.session import Aws
from reconciler.adapters.aws.state import S3StateStore
from reconciler.adapters.patience import Patience
from reconciler.core import names
from reconciler.core.actions import Train, Update
from reconciler.core.alarms import RollbackAlarms
from reconciler.errors import AwsFailed, ReconcilerError, RolloutRefused, TimedOut
from reconciler.perform import Executor, perform
from reconciler.ports import World
from reconciler.sandbox.faults import Fault, Faults, Kind
from support.access import KEYS
from support.builders import PLATFORM, desired, project, release
from support.fakes import Cloud
from support.standstill import Standstill

ALARM = {
    "AlarmName": "trouble-errors",
    "ComparisonOperator": "GreaterThanThreshold",
    "EvaluationPeriods": 1,
    "MetricName": "m",
    "Namespace": "n",
    "Period": 60,
    "Threshold": 1,
    "Statistic": "Sum",
}
GUARDED = {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "trouble-errors"}]}}
JOB = names.job(PLATFORM, "churn", "a" * 64)


@dataclass
class Pointing:
    """Terraform as far as an endpoint is concerned, which ends well whatever becomes of it."""

    sagemaker: Any

    def apply(self, _kind: str, project: str, variables: dict[str, Any], _say: Any) -> None:
        wanted = names.configuration(PLATFORM, project, variables["live"])
        self.sagemaker.update_endpoint(
            EndpointName=names.endpoint(PLATFORM, project), EndpointConfigName=wanted, DeploymentConfig=GUARDED
        )


@pytest.fixture
def faults(shared_box: Any) -> Iterator[Faults]:
    faults = Faults(shared_box.url, KEYS.access_key_id)
    yield faults
    faults.clear()


@pytest.fixture
def aws(shared_box: Any) -> Aws:
    return Aws(PLATFORM.region, shared_box.url, KEYS.aws, patience=Patience(Standstill()))


@pytest.fixture
def world(aws: Aws) -> World:
    cancel = threading.Event()
    state = S3StateStore(aws, PLATFORM.state_bucket, PLATFORM.environment)
    state.create(PLATFORM.region)
    return replace(
        Cloud().world,
        state=state,
        endpoints=SageMakerEndpoints(aws, cancel, poll=0.02),
        jobs=BatchJobs(aws, cancel, poll=0.02),
        terraform=Pointing(aws.client("sagemaker")),
    )


def moved(serving: Any, name: str, world: World) -> ReconcilerError:
    """What is said of a move from version 1, which serves, to version 2."""
    one, two = (release(version, name) for version in (1, 2))
    for each in (one, two):
        serving.release(names.configuration(PLATFORM, name, each.name))
    # Ours have their guardrails from birth.
    serving.create(
        names.endpoint(PLATFORM, name), names.configuration(PLATFORM, name, one.name), DeploymentConfig=GUARDED
    )
    action = Update(
        name, "a newer version is pinned", {"live": two.name}, one, two, alarms=RollbackAlarms((ALARM["AlarmName"],))
    )
    cloudwatch = serving.box.client("cloudwatch")
    cloudwatch.put_metric_alarm(**ALARM)
    cloudwatch.set_alarm_state(AlarmName=ALARM["AlarmName"], StateValue="OK", StateReason="quiet")
    with pytest.raises(ReconcilerError) as raised:
        perform(action, Executor(desired(project(name)), world, wait=True), lambda _: None)
    return raised.value


@pytest.mark.parametrize(
    ("kind", "reason"),
    [(Kind.UNHEALTHY, "did not pass the ping health check"), (Kind.ALARM, "Alarms in ALARM state")],
)
def test_a_release_at_fault_is_refused_and_remembered_with_the_end_of_its_log(
    serving: Any, faults: Faults, world: World, kind: Kind, reason: str
) -> None:
    # An alarm has nothing to say to the creation of an endpoint.
    faults.add(Fault(kind, on=f"acme-test-{kind}", call=None if kind is Kind.ALARM else 2))
    error = moved(serving, kind, world)
    [refusal] = world.state.refusals()[kind]
    assert isinstance(error, RolloutRefused)
    assert (refusal.release, reason in refusal.reason) == (release(2, kind).name, True)
    assert f"environment says this is acme-test-{kind}-v2" in refusal.log
    assert error.detail == refusal.log


@pytest.mark.parametrize("also", [None, Kind.ROLLBACK_FAILS])
def test_a_lack_of_capacity_is_told_and_refuses_no_release(
    serving: Any, faults: Faults, world: World, also: Kind | None
) -> None:
    name = "unlucky" if also else "crowded"
    for kind in (Kind.CAPACITY, also):
        if kind:
            faults.add(Fault(kind, on=f"acme-test-{name}", call=2 if kind is Kind.CAPACITY else None))
    error = moved(serving, name, world)
    assert isinstance(error, AwsFailed)
    assert "InsufficientInstanceCapacity" in error.what
    assert "the next run tries again" in error.remedy
    assert name not in world.state.refusals()
    status = serving.describe(f"acme-test-{name}")["EndpointStatus"]
    assert status == ("UpdateRollbackFailed" if also else "InService")


def test_an_update_that_hangs_is_waited_for_as_long_as_it_may_take(serving: Any, faults: Faults, world: World) -> None:
    serving.create("hung", serving.release("hung-1"))
    faults.add(Fault(Kind.HANG, on="hung"))
    serving.client.update_endpoint(EndpointName="hung", EndpointConfigName=serving.release("hung-2"))
    assert world.endpoints.find("hung")["hung"].coming == "hung-2"
    with pytest.raises(TimedOut, match="endpoint hung has been Updating for more than"):
        world.endpoints.settle("hung", 0.1, lambda _: None)


def test_a_fifth_of_all_calls_throttled_is_not_noticed(faults: Faults, world: World, aws: Aws) -> None:
    faults.add(Fault(Kind.THROTTLE, rate=0.2, seed=7))
    for _ in range(20):
        world.endpoints.find("nothing")
        world.jobs.find(names.queues(PLATFORM), "acme-")
        world.state.refusals()


def test_a_submission_whose_answer_is_lost_becomes_one_job(shared_box: Any, faults: Faults, world: World) -> None:
    queue = _queue(shared_box)
    faults.add(Fault(Kind.DROP, on="batch:SubmitJob", times=1))
    train = Train("churn", "", "churn", "a" * 64, 0, "c" * 40, JOB, queue, "acme-test-churn")
    perform(train, Executor(desired(project()), world, wait=True), lambda _: None)
    assert [name for name, _ in world.jobs.find((queue,), JOB)] == [JOB]
    [run] = world.registry.runs("churn")
    assert run.job == world.jobs.find((queue,), JOB)[0][1].id


def _queue(box: Any) -> str:
    ec2, batch = box.client("ec2"), box.client("batch")
    resources = {
        "type": "FARGATE",
        "maxvCpus": 4,
        "subnets": [ec2.describe_subnets()["Subnets"][0]["SubnetId"]],
        "securityGroupIds": [ec2.describe_security_groups()["SecurityGroups"][0]["GroupId"]],
    }
    made = batch.create_compute_environment(computeEnvironmentName="pool", type="MANAGED", computeResources=resources)
    order = [{"order": 1, "computeEnvironment": made["computeEnvironmentArn"]}]
    batch.create_job_queue(jobQueueName="acme-test-fargate", state="ENABLED", priority=1, computeEnvironmentOrder=order)
    container = {
        "image": box.push("trainer", {"code": "x"}),
        "command": [sys.executable, "-c", "print('trained')"],
        "resourceRequirements": [{"type": "VCPU", "value": "0.25"}, {"type": "MEMORY", "value": "512"}],
    }
    batch.register_job_definition(jobDefinitionName="acme-test-churn", type="container", containerProperties=container)
    return "acme-test-fargate"


def test_an_alarm_whose_threshold_is_changed_keeps_its_state_and_since_when(shared_box: Any) -> None:
    cloudwatch = shared_box.client("cloudwatch")
    cloudwatch.put_metric_alarm(**ALARM)
    cloudwatch.set_alarm_state(AlarmName=ALARM["AlarmName"], StateValue="ALARM", StateReason="ill")

    def state() -> tuple[Any, ...]:
        [alarm] = cloudwatch.describe_alarms(AlarmNames=[ALARM["AlarmName"]])["MetricAlarms"]
        return alarm["StateValue"], alarm["StateReason"], alarm["StateUpdatedTimestamp"]

    before = state()
    cloudwatch.put_metric_alarm(**{**ALARM, "Threshold": 50})
    assert state() == before
