"""CloudWatch's alarms: which of them roll updates of an endpoint back, and how they stand."""

from collections.abc import Mapping, Sequence
from typing import Any

from reconciler.adapters.aws.faults import reading
from reconciler.core.alarms import Alarm, alarms_in

MOST = 100
"""Alarms that DescribeAlarms takes and gives at a time."""
SHOWN = 3
"""Names of alarms in a message."""


def alarms_of(endpoint: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of the alarms of an endpoint's last deployment configuration, as DescribeEndpoint tells it."""
    return alarms_in(endpoint.get("LastDeploymentConfig"))


def read_alarms(cloudwatch: Any, names: Sequence[str]) -> tuple[Alarm, ...]:
    """Metric alarms by their names, as ours all are; those that do not exist are left out. Raises ReadFailed.

    To be told of composite ones, a role would have to be allowed DescribeAlarms on `*`:
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
    """
    pages = (names[start : start + MOST] for start in range(0, len(names), MOST))
    found = [one for page in pages for one in _read(cloudwatch, page)]
    return tuple(sorted((_alarm(one) for one in found), key=lambda one: one.name))


def _read(cloudwatch: Any, names: Sequence[str]) -> Sequence[Mapping[str, Any]]:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    with reading(f"the alarms {', '.join(names[:SHOWN])}{more}"):
        answer = cloudwatch.describe_alarms(AlarmNames=list(names), AlarmTypes=["MetricAlarm"], MaxRecords=MOST)
    return list(answer["MetricAlarms"])


def _alarm(described: Mapping[str, Any]) -> Alarm:
    since = described.get("StateTransitionedTimestamp") or described["StateUpdatedTimestamp"]
    return Alarm(described["AlarmName"], described["StateValue"], since)
