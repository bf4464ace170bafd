"""Faults of endpoints through boto3: they end as SageMaker's own do, in its words."""

from collections.abc import Iterator
from typing import Any

import pytest

from reconciler.sandbox.faults import Fault, Faults, Kind
from support.access import KEYS

GUARDED = {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "latency"}, {"AlarmName": "faults-errors"}]}}
ALARM = {
    "AlarmName": "faults-errors",
    "ComparisonOperator": "GreaterThanThreshold",
    "EvaluationPeriods": 1,
    "MetricName": "m",
    "Namespace": "n",
    "Period": 60,
    "Threshold": 1,
    "Statistic": "Sum",
}


@pytest.fixture
def faults(serving: Any) -> Iterator[Faults]:
    faults = Faults(serving.box.url, KEYS.access_key_id)
    yield faults
    faults.clear()


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (Kind.UNHEALTHY, "production variant AllTraffic did not pass the ping health check. Please check CloudWatch"),
        (Kind.CAPACITY, "due to InsufficientInstanceCapacity error. Please retry using a different ML instance type"),
    ],
)
def test_an_endpoint_in_trouble_is_rolled_back_or_never_made(
    serving: Any, faults: Faults, kind: Kind, reason: str
) -> None:
    serving.create(kind, serving.release(f"{kind}-1"))
    new = serving.release(f"{kind}-2")
    faults.add(Fault(kind, on=f"{kind}*", times=2))
    updated, created = serving.update(kind, new), serving.create(f"{kind}-never", new)
    assert (updated["EndpointStatus"], updated["EndpointConfigName"]) == ("InService", f"{kind}-1")
    assert serving.ask(kind) == f"{kind}-1:1"
    assert created["EndpointStatus"] == "Failed"
    assert reason in updated["FailureReason"]
    assert reason in created["FailureReason"]
    assert "FailureReason" not in serving.update(kind, new)


def test_an_update_hangs_until_it_is_let_go(serving: Any, faults: Faults) -> None:
    serving.create("hung", serving.release("hung-1"))
    hang = faults.add(Fault(Kind.HANG, on="hung"))
    serving.client.update_endpoint(EndpointName="hung", EndpointConfigName=serving.release("hung-2"))
    serving.eventually(lambda: faults.standing()[0].hits)
    assert serving.describe("hung")["EndpointStatus"] == "Updating"
    assert serving.ask("hung") == "hung-1:1"
    faults.clear(hang.id)
    assert serving.settled("hung")["EndpointConfigName"] == "hung-2"


def test_an_alarm_fires_while_an_update_bakes(serving: Any, faults: Faults) -> None:
    cloudwatch = serving.box.client("cloudwatch")
    cloudwatch.put_metric_alarm(**ALARM)
    serving.create("alarmed", serving.release("alarmed-1"))
    new = serving.release("alarmed-2")
    faults.add(Fault(Kind.ALARM, on="alarmed"))
    endpoint = serving.update("alarmed", new, DeploymentConfig=GUARDED)
    assert endpoint["EndpointConfigName"] == "alarmed-1"
    assert endpoint["FailureReason"] == "Alarms in ALARM state during the deployment: faults-errors."
    history = cloudwatch.describe_alarms(AlarmNames=["faults-errors"])["MetricAlarms"]
    assert [one["StateValue"] for one in history] == ["OK"]
    faults.clear()
    assert serving.update("alarmed", new, DeploymentConfig=GUARDED)["EndpointConfigName"] == "alarmed-2"


def test_a_rollback_that_fails_leaves_the_endpoint_where_it_is(serving: Any, faults: Faults) -> None:
    serving.create("stuck", serving.release("stuck-1"))
    faults.add(Fault(Kind.CAPACITY, on="stuck"))
    faults.add(Fault(Kind.ROLLBACK_FAILS, on="stuck"))
    new = serving.release("stuck-2")
    serving.client.update_endpoint(EndpointName="stuck", EndpointConfigName=new)
    serving.eventually(lambda: serving.describe("stuck")["EndpointStatus"] == "UpdateRollbackFailed")
    assert "InsufficientInstanceCapacity" in serving.describe("stuck")["FailureReason"]
    assert serving.ask("stuck") == "stuck-1:1"
    faults.clear()
    assert serving.update("stuck", new)["EndpointConfigName"] == "stuck-2"


def test_what_a_model_container_prints_is_in_the_log_of_its_endpoint(serving: Any, faults: Faults) -> None:
    faults.add(Fault(Kind.UNHEALTHY, on="logged"))
    serving.create("logged", serving.release("logged"))
    logs, group = serving.box.client("logs"), "/aws/sagemaker/Endpoints/logged"
    (stream,) = logs.describe_log_streams(logGroupName=group)["logStreams"]
    assert stream["logStreamName"].startswith("AllTraffic/i-")
    where = {"logGroupName": group, "logStreamName": stream["logStreamName"]}
    serving.eventually(lambda: logs.get_log_events(**where)["events"])
    assert logs.get_log_events(**where)["events"][0]["message"] == "environment says this is logged"
