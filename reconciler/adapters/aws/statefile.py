"""What stands in the objects of the state bucket. Pure: bytes to values."""

import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from reconciler.core.observed import Refusal
from reconciler.core.statelock import StateLock
from reconciler.errors import ReadFailed

STATE_VERSION = 4
"""Of Terraform's state format; unchanged since Terraform 0.12."""


def parse_state(body: bytes, address: str) -> Mapping[str, Any]:
    """A Terraform state; `address` names it in errors. Raises ReadFailed for anything but state version 4."""
    state = _parse_object(body, address)
    if state.get("version") != STATE_VERSION:
        what = f"{address} has state version {state.get('version')!r}; only {STATE_VERSION} is understood"
        raise ReadFailed(what, "bring it to version 4 with Terraform 1.11 or newer, or restore an older object version")
    if not isinstance(state.get("resources"), list) or not isinstance(state.get("outputs"), dict):
        raise ReadFailed(f"{address} is not a whole Terraform state", "restore an older version of the object")
    return state


def holds_resources(state: Mapping[str, Any]) -> bool:
    """Whether the stack owns anything; what it merely looked up does not count."""
    return any(resource.get("mode") == "managed" and resource.get("instances") for resource in state["resources"])


def addresses(state: Mapping[str, Any]) -> list[str]:
    """Terraform's addresses of what the stack owns, sorted."""
    owned = [one for one in state["resources"] if one.get("mode") == "managed"]
    return sorted(f"{_path(one)}{_index(instance)}" for one in owned for instance in one.get("instances", ()))


def _path(resource: Mapping[str, Any]) -> str:
    module = f"{resource['module']}." if resource.get("module") else ""
    return f"{module}{resource.get('type')}.{resource.get('name')}"


def tainted(state: Mapping[str, Any]) -> tuple[str, ...]:
    """Addresses of what Terraform would make anew, as it was stopped while it made it."""
    owned = ((one, instance) for one in state["resources"] for instance in one.get("instances", ()))
    return tuple(f"{_path(one)}{_index(found)}" for one, found in owned if found.get("status") == "tainted")


def _index(instance: Mapping[str, Any]) -> str:
    return f"[{json.dumps(instance['index_key'])}]" if "index_key" in instance else ""


def plain_outputs(state: Mapping[str, Any]) -> dict[str, Any]:
    """Output values by name. Sensitive ones are left out: nothing downstream may print a secret."""
    return {name: output["value"] for name, output in state["outputs"].items() if not output.get("sensitive")}


def parse_refusal(body: bytes, address: str) -> Refusal:
    """A refused release; `address` names it in errors. Raises ReadFailed."""
    note = _parse_object(body, address)
    try:
        return Refusal(
            release=str(note["release"]),
            reason=str(note["reason"]),
            since=str(note["since"]),
            log=str(note.get("log", "")),
            served_before=bool(note.get("served_before", False)),
        )
    except KeyError as missing:
        remedy = "delete the object: the release is then tried again"
        raise ReadFailed(f"{address} lacks {missing}", remedy) from missing


def parse_lock(body: bytes) -> StateLock:
    """Terraform's lock of a state. What cannot be understood is left empty: nobody may release such a lock."""
    told: dict[str, Any] = {}
    with suppress(ValueError, TypeError):
        told = dict(json.loads(body))
    operation = str(told.get("Operation", "")).removeprefix("OperationType").lower()
    return StateLock(str(told.get("ID", "")), str(told.get("Who", "")), operation, _time(told.get("Created")))


def _time(text: object) -> datetime | None:
    with suppress(ValueError):
        time = datetime.fromisoformat(str(text))
        return time if time.tzinfo else None
    return None


def _parse_object(body: bytes, address: str) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except ValueError as fault:
        remedy = "restore an older version of the object, or delete it if it is not ours"
        raise ReadFailed(f"{address} is not valid JSON ({fault})", remedy) from fault
    if not isinstance(value, dict):
        raise ReadFailed(f"{address} is not a JSON object", "restore an older version of the object")
    return value
