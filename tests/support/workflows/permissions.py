"""What a job's token may do."""

from collections.abc import Mapping
from typing import Any

from support.workflows.values import Wrong

SCOPES = (
    *("actions", "attestations", "checks", "contents", "deployments", "discussions", "id-token", "issues"),
    *("packages", "pages", "pull-requests", "security-events", "statuses"),
)
_LEVELS = ("none", "read", "write")
Permissions = Mapping[str, str]
"""Scopes that are not named are none."""


def granted(declared: Any, above: Any, bound: Permissions | None, *, untrusted: bool) -> dict[str, str]:
    """Of a job: its own, else its workflow's, else none at all; never more than whoever calls it has. Raises Wrong."""
    chosen = above if declared is None else declared
    if chosen is None:
        return dict(bound or {})
    wanted = _read(chosen)
    if bound is not None:
        _refuse_more(wanted, bound)
    if untrusted:
        return {scope: "read" for scope, level in wanted.items() if scope != "id-token" and level != "none"}
    return {scope: level for scope, level in wanted.items() if level != "none"}


def allows(permissions: Permissions, scope: str, level: str) -> bool:
    """Whether a token is enough."""
    return _LEVELS.index(permissions.get(scope, "none")) >= _LEVELS.index(level)


def _read(declared: Any) -> dict[str, str]:
    if declared in ("read-all", "write-all"):
        return dict.fromkeys(SCOPES, declared.removesuffix("-all"))
    for scope, level in declared.items():
        if scope not in SCOPES or level not in _LEVELS:
            raise Wrong(f"the permission {scope}: {level} is not known here")
    return dict(declared)


def _refuse_more(wanted: Permissions, bound: Permissions) -> None:
    for scope, level in wanted.items():
        if not allows(bound, scope, level):
            raise Wrong(f"a called job asks for {scope}: {level}, its caller has {scope}: {bound.get(scope, 'none')}")
