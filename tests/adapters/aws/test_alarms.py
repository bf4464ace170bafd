"""CloudWatch's alarms, as an endpoint names them and as they stand."""

from datetime import UTC, datetime

import pytest

from reconciler.adapters.aws.alarms import alarms_of, read_alarms
from reconciler.adapters.aws.endpoints import SageMakerEndpoints
from reconciler.core.alarms import Alarm
from reconciler.errors import ReadFailed

THEN, NOW = datetime(2026, 1, 1, 9, tzinfo=UTC), datetime(2026, 1, 1, 12, tzinfo=UTC)


def metric_alarm(aws, name, state):
    cloudwatch = aws.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        ComparisonOperator="GreaterThanThreshold",
        EvaluationPeriods=1,
        MetricName="Invocation5XXErrors",
        Namespace="AWS/SageMaker",
        Period=60,
        Threshold=1,
        Statistic="Sum",
    )
    cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason="a test")


def test_alarms_are_read_by_their_names_and_those_that_are_not_there_are_left_out(aws, cancel):
    for name, state in (("x-latency", "OK"), ("x-5xx", "ALARM"), ("x-5xx-of-others", "ALARM")):
        metric_alarm(aws, name, state)
    found = SageMakerEndpoints(aws, cancel).alarms(("x-5xx", "x-latency", "x-gone"))
    assert [(one.name, one.firing) for one in found] == [("x-5xx", True), ("x-latency", False)]
    assert all(one.since.tzinfo for one in found)


def test_more_alarms_than_cloudwatch_tells_at_a_time_are_asked_for_page_by_page(script):
    names = tuple(f"x-{number:03}" for number in range(201))
    alarms = [{"AlarmName": name, "StateValue": "OK", "StateUpdatedTimestamp": NOW} for name in names]
    answers = script([{"MetricAlarms": alarms[start : start + 100]} for start in (0, 100, 200)])
    client = type("CloudWatch", (), {"describe_alarms": staticmethod(answers)})()
    assert tuple(one.name for one in read_alarms(client, names)) == names


def test_an_endpoint_without_alarms_asks_for_none(fake_aws, cancel):
    assert SageMakerEndpoints(fake_aws(cloudwatch=None), cancel).alarms(()) == ()


@pytest.mark.parametrize(
    ("times", "since"),
    [
        ({"StateUpdatedTimestamp": NOW, "StateTransitionedTimestamp": THEN}, THEN),
        ({"StateUpdatedTimestamp": NOW}, NOW),
    ],
)
def test_an_alarm_stands_since_its_state_changed(script, times, since):
    described = {"AlarmName": "x", "StateValue": "ALARM", **times}
    client = type("CloudWatch", (), {"describe_alarms": staticmethod(script([{"MetricAlarms": [described]}]))})()
    assert read_alarms(client, ("x",)) == (Alarm("x", "ALARM", since),)


def test_alarms_that_may_not_be_read_are_no_quiet_ones(script, fault):
    denied = script([fault("AccessDenied", "no", "DescribeAlarms")])
    client = type("CloudWatch", (), {"describe_alarms": staticmethod(denied)})()
    with pytest.raises(ReadFailed, match="could not read the alarms x-5xx: access denied to DescribeAlarms"):
        read_alarms(client, ("x-5xx",))


@pytest.mark.parametrize(
    ("configuration", "names"),
    [
        ({}, ()),
        ({"LastDeploymentConfig": None}, ()),
        ({"LastDeploymentConfig": {"BlueGreenUpdatePolicy": {}}}, ()),
        ({"LastDeploymentConfig": {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "x-5xx"}]}}}, ("x-5xx",)),
    ],
)
def test_the_alarms_of_an_endpoint_are_those_of_its_deployment_configuration(configuration, names):
    assert alarms_of(configuration) == names
