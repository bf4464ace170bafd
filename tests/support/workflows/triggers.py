"""Which workflows an event starts, and with which inputs."""

import fnmatch
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from support.workflows.files import Workflow
from support.workflows.values import Wrong, text

_PULLS = ("pull_request", "pull_request_target")
_FILTERS: Mapping[str, Sequence[str]] = {
    "push": ("branches", "branches-ignore", "paths", "paths-ignore"),
    **dict.fromkeys(_PULLS, ("types", "branches", "branches-ignore", "paths", "paths-ignore")),
    "workflow_dispatch": ("inputs",),
    "schedule": ("schedules",),
    "workflow_call": ("inputs", "secrets", "outputs"),
}
_PULL_TYPES = ("opened", "synchronize", "reopened")
_SKIPS = ("[skip ci]", "[ci skip]", "[no ci]", "[skip actions]", "[actions skip]")


@dataclass(frozen=True)
class Event:
    """Something that happened in a repository."""

    name: str
    repository: str
    """Whose workflows it may start."""
    sha: str
    """The commit whose workflows are meant, and which a checkout takes when it is told nothing."""
    ref: str
    actor: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    branch: str = ""
    """What `branches` is compared with."""
    changed: tuple[str, ...] = ()
    """Paths, for `paths`."""
    message: str = ""
    """Of the head commit."""
    from_fork: bool = False

    @property
    def untrusted(self) -> bool:
        """Whether what it starts gets no secrets, and a token that only reads."""
        return self.from_fork and self.name == "pull_request"


def starts(event: Event, workflow: Workflow) -> bool:
    """Whether an event starts a workflow. Raises Wrong."""
    if event.name not in workflow.on:
        return False
    filters = workflow.on[event.name]
    if unknown := set(filters) - set(_FILTERS.get(event.name, ())):
        raise Wrong(f"{workflow.file}: on.{event.name}.{', '.join(sorted(unknown))} is not known here")
    if event.name in ("push", "pull_request") and any(skip in event.message for skip in _SKIPS):
        return False
    return _type(event, filters) and _branch(event, filters) and _paths(event, filters)


def _type(event: Event, filters: Mapping[str, Any]) -> bool:
    return event.name not in _PULLS or event.payload["action"] in filters.get("types", _PULL_TYPES)


def _branch(event: Event, filters: Mapping[str, Any]) -> bool:
    if "branches" in filters:
        return any(fnmatch.fnmatchcase(event.branch, one) for one in filters["branches"])
    return not any(fnmatch.fnmatchcase(event.branch, one) for one in filters.get("branches-ignore", ()))


def _paths(event: Event, filters: Mapping[str, Any]) -> bool:
    if "paths" in filters:
        return any(fnmatch.fnmatchcase(path, one) for path in event.changed for one in filters["paths"])
    ignored = filters.get("paths-ignore", ())
    return not ignored or not all(any(fnmatch.fnmatchcase(path, one) for one in ignored) for path in event.changed)


def inputs(declared: Mapping[str, Any], given: Mapping[str, Any], where: str) -> dict[str, Any]:
    """The `inputs` context: what was given, or its default, each of its type. Raises Wrong."""
    if unknown := set(given) - set(declared):
        raise Wrong(f"{where} has no input {', '.join(sorted(unknown))}")
    return {name: _input(name, what or {}, given.get(name), where) for name, what in declared.items()}


def _input(name: str, declared: Mapping[str, Any], given: Any, where: str) -> Any:
    if given is None and declared.get("required") and "default" not in declared:
        raise Wrong(f"{where} needs the input {name}")
    value = declared.get("default") if given is None else given
    match declared.get("type", "string"):
        case "boolean":
            if text(value) not in ("true", "false", ""):
                raise Wrong(f"{where}: input {name} is no boolean: {value!r}")
            return text(value) == "true"
        case "number":
            return float(value or 0)
        case "choice":
            if value not in declared["options"]:
                raise Wrong(f"{where}: input {name} is none of {declared['options']}: {value!r}")
            return value
        case "string" | "environment":
            return text(value)
        case other:
            raise Wrong(f"{where}: input {name} is of type {other}, which is not known here")
