"""CloudWatch's alarms: which of them roll updates of an endpoint back, and how they stand."""

from collections.abc import Mapping, Sequence
from typing import Any

from reconciler.adapters.aws.faults import reading
from reconciler.core.alarms import Alarm


def alarms_of(endpoint: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of the alarms of an endpoint's last deployment configuration, as DescribeEndpoint tells it."""
    rollback = (endpoint.get("LastDeploymentConfig") or {}).get("AutoRollbackConfiguration") or {}
    return tuple(one["AlarmName"] for one in rollback.get("Alarms") or ())


def read_alarms(cloudwatch: Any, names: Sequence[str]) -> tuple[Alarm, ...]:
    """Metric alarms by their names, as ours all are; those that do not exist are left out. Raises ReadFailed.

    To be told of composite ones, a role would have to be allowed DescribeAlarms on `*`:
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
    """
    if not names:
        return ()
    with reading(f"the alarms {', '.join(names)}"):
        found = cloudwatch.describe_alarms(AlarmNames=list(names), AlarmTypes=["MetricAlarm"])["MetricAlarms"]
    return tuple(sorted((_alarm(one) for one in found), key=lambda one: one.name))


def _alarm(described: Mapping[str, Any]) -> Alarm:
    since = described.get("StateTransitionedTimestamp") or described["StateUpdatedTimestamp"]
    return Alarm(described["AlarmName"], described["StateValue"], since)
