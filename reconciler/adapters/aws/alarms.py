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
    """Alarms by their names, of any kind; those that do not exist are left out. Raises ReadFailed."""
    if not names:
        return ()
    kinds = ["MetricAlarm", "CompositeAlarm"]
    with reading(f"the alarms {', '.join(names)}"):
        found = cloudwatch.describe_alarms(AlarmNames=list(names), AlarmTypes=kinds)
    alarms = (*found.get("MetricAlarms", ()), *found.get("CompositeAlarms", ()))
    return tuple(sorted((_alarm(one) for one in alarms), key=lambda one: one.name))


def _alarm(described: Mapping[str, Any]) -> Alarm:
    since = described.get("StateTransitionedTimestamp") or described["StateUpdatedTimestamp"]
    return Alarm(described["AlarmName"], described["StateValue"], since)
