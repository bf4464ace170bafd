"""Which values of a change are shown: an allow-list. Of every other field it is said that it changed, and no more."""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from reconciler.core.actions import Change
from reconciler.core.redaction import Redactor

LONGEST = 60
"""Characters of a value that are shown."""

SHOWN = frozenset({
    "owner", "protect", "model", "experiment", "artifact_bucket", "queue", "schedule",
    "vcpu", "memory", "gpu", "compute", "timeout", "attempts", "public_ips",
    "version", "capture", "vpc.subnet_ids", "vpc.security_group_ids", "live", "alerts_topic",
    "realtime.instance_type", "realtime.instances",
    "serverless.memory", "serverless.max_concurrency",
    "async.instance_type", "async.instances", "async.max_concurrent",
    "scaling.min", "scaling.max", "scaling.target",
    "rollout.strategy", "rollout.size", "rollout.bake",
    "alarms.errors_5xx", "alarms.errors_4xx", "alarms.latency_p99",
    "vpc_id", "subnet_ids", "cidr", "zones", "max_vcpus", "disk",
    "cpu", "min_tasks", "max_tasks", "host", "deletion_protection",
    "state_bucket", "own_bucket", "github.repository", "github.environment", "oidc_provider_arn",
})  # fmt: skip
"""Fields of the stacks' specifications, as in `core/specs.py`; indices are left out."""
_REDACT = Redactor().output


def detail(change: Change) -> str:
    """One line for one change."""
    return _REDACT(_detail(change))


def _detail(change: Change) -> str:
    field = re.sub(r"\[\d+\]", "", change.field)
    match field:
        case "code_digest":
            return "the Terraform code of this stack changed"
        case "image":
            return _moved(change, _tag(change.before), _tag(change.after))
        case "tracking_uri":
            return _moved(change, _address(change.before), _address(change.after))
        case _:
            return _moved(change, _shown(field, change.before), _shown(field, change.after))


def _moved(change: Change, before: str | None, after: str | None) -> str:
    if before is None or after is None:
        return f"{change.field}: changed"
    return f"{change.field}: {before} -> {after}"


def _shown(field: str, value: object) -> str | None:
    """None for what is not to be shown: another field, or something in it that is none of ours."""
    match value:
        case None:
            return "(none)"
        case Mapping():
            parts = {str(key): _shown(f"{field}.{key}", part) for key, part in value.items()}
            return None if None in parts.values() else _cut(", ".join(f"{key} {part}" for key, part in parts.items()))
        case str() if field.startswith("metrics.") and re.fullmatch(r"[-+.0-9einfa]{1,20}", value):
            return value
        case list() | tuple() if field in SHOWN and all(isinstance(item, str | int | float) for item in value):
            return _cut(", ".join(str(item) for item in value))
        case str() | int() | float() if field in SHOWN:
            return _cut(str(value).lower() if isinstance(value, bool) else str(value))
        case _:
            return None


def _tag(image: object) -> str | None:
    """The registry and the repository are the same on both sides."""
    if image is None:
        return "(none)"
    return _cut(image.rsplit(":", 1)[-1]) if isinstance(image, str) else None


def _address(uri: object) -> str | None:
    """Without the user, the password and the query."""
    if not isinstance(uri, str):
        return "(none)" if uri is None else None
    try:
        parts = urlsplit(uri)
        host, port = parts.hostname or "", f":{parts.port}" if parts.port else ""
    except ValueError:
        return None
    return _cut(f"{parts.scheme}://{host}{port}{parts.path}")


def _cut(text: str) -> str:
    whole = _REDACT(text)
    return whole if len(whole) <= LONGEST else f"{whole[: LONGEST - 3]}..."
