"""Alarms that guard an update."""

from collections.abc import Mapping
from typing import Any

from moto.cloudwatch.models import cloudwatch_backends
from moto.core import DEFAULT_ACCOUNT_ID


def guarding(region: str, deployment: Mapping[str, Any] | None) -> list[str]:
    """Names of the deployment configuration's rollback alarms that exist, sorted."""
    rollback = (deployment or {}).get("AutoRollbackConfiguration") or {}
    names = {alarm["AlarmName"] for alarm in rollback.get("Alarms") or ()}
    return sorted(names & _known(region).keys())


def firing(region: str, deployment: Mapping[str, Any] | None) -> list[str]:
    """Those of them that are in ALARM."""
    return [name for name in guarding(region, deployment) if _known(region)[name].state_value == "ALARM"]


def switch(region: str, name: str, state: str, reason: str) -> None:
    """Put an alarm that exists into a state."""
    cloudwatch_backends[DEFAULT_ACCOUNT_ID][region].set_alarm_state(name, reason, "{}", state)


def _known(region: str) -> Mapping[str, Any]:
    alarms: Mapping[str, Any] = cloudwatch_backends[DEFAULT_ACCOUNT_ID][region].alarms
    return alarms
