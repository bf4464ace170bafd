"""What DescribeJobs and ListJobs tell beyond moto's own answer."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from reconciler.sandbox.aws.batch.container import SHOWN
from reconciler.sandbox.aws.batch.retry import Ending


def attempt(ending: Ending, log_stream: str | None, started: datetime, stopped: datetime) -> dict[str, Any]:
    """One entry of `attempts`."""
    container: dict[str, Any] = {
        "exitCode": ending.exit_code,
        "reason": ending.reason,
        "logStreamName": log_stream,
        "networkInterfaces": [],
    }
    return {
        "container": present(container),
        "startedAt": milliseconds(started),
        "stoppedAt": milliseconds(stopped),
        "statusReason": ending.status_reason,
    }


def container_details(
    properties: Mapping[str, Any], overrides: Mapping[str, Any], exit_code: int | None, reason: str | None
) -> dict[str, Any]:
    """Fields of `container` that moto leaves out."""
    shown = {name: properties.get(name) for name in SHOWN}
    resources = overrides.get("resourceRequirements") or properties.get("resourceRequirements") or []
    return present({**shown, "resourceRequirements": resources, "exitCode": exit_code, "reason": reason})


def without_fractions(container: Mapping[str, Any]) -> dict[str, Any]:
    """`vcpus` is a whole number and told of jobs on EC2 alone; moto tells Fargate's quarter of one there."""
    return {name: value for name, value in container.items() if name != "vcpus" or float(value).is_integer()}


def present(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that have a value."""
    return {name: value for name, value in fields.items() if value is not None}


def milliseconds(moment: datetime) -> int:
    """Time as Batch tells it."""
    return int(moment.timestamp() * 1000)


def name_matches(name: str, patterns: Iterable[str]) -> bool:
    """Whether a JOB_NAME or JOB_DEFINITION filter lets a name pass: any case, `*` only at the end."""
    return any(
        name.lower().startswith(pattern[:-1].lower()) if pattern.endswith("*") else name.lower() == pattern.lower()
        for pattern in patterns
    )
