"""Alarms that guard an update."""

from collections.abc import Mapping
from typing import Any

from moto.cloudwatch.models import cloudwatch_backends
from moto.core import DEFAULT_ACCOUNT_ID


def firing(region: str, deployment: Mapping[str, Any] | None) -> list[str]:
    """Names of the deployment configuration's rollback alarms that are in ALARM, sorted."""
    rollback = (deployment or {}).get("AutoRollbackConfiguration") or {}
    names = {alarm["AlarmName"] for alarm in rollback.get("Alarms") or ()}
    known = cloudwatch_backends[DEFAULT_ACCOUNT_ID][region].alarms
    return sorted(name for name in names if name in known and known[name].state_value == "ALARM")
