"""What a run of a workflow plays on, and what one workflow of it may read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from support.workflows import permissions
from support.workflows.contexts import WHERE
from support.workflows.expressions import Scope, resolve
from support.workflows.files import Workflow
from support.workflows.identity import Door
from support.workflows.log import Log
from support.workflows.repository import Protected, Repository
from support.workflows.results import Run
from support.workflows.site import Site
from support.workflows.triggers import Event
from support.workflows.values import text


@dataclass(frozen=True)
class Secrets:
    """What a workflow may read of its repository's secrets, and of those of environments."""

    values: Mapping[str, str]
    of_environments: frozenset[str] | None = None
    """Names that a caller passed on; None: all."""

    def within(self, protected: Protected | None) -> dict[str, str]:
        """With those of an environment: a called workflow sees only what its caller names."""
        own = protected.secrets if protected else {}
        opened = {name: own[name] for name in own if self.of_environments is None or name in self.of_environments}
        return {**self.values, **opened}


@dataclass(frozen=True)
class Ended:
    """A job with all its combinations, for those that need it."""

    result: str
    outputs: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Stage:
    """All that one run of a workflow plays on."""

    event: Event
    repository: Repository
    workflows: Mapping[str, Workflow]
    site: Site
    log: Log
    folder: Path
    door: Door
    """Into AWS."""
    installed: Path
    given: Mapping[str, str]
    approves: Callable[[str, str], str]
    """Who lets a job into an environment that has reviewers; empty: nobody does."""
    run: Run
    context: Mapping[str, Any]
    """Of `github`, what is of the run."""


@dataclass(frozen=True)
class Called:
    """A workflow in its place: the one that an event started, or one that a job calls."""

    workflow: Workflow
    inputs: Mapping[str, Any]
    secrets: Secrets
    bound: permissions.Permissions | None = None
    """What its caller may do; None: an event started it."""
    prefix: str = ""


def group(declared: Any, scope: Scope) -> str:
    """The name of a concurrency group."""
    found = resolve(declared, scope)
    return text(found["group"] if isinstance(found, Mapping) else found)


def narrow(scope: Mapping[str, Any], where: str) -> Scope:
    """What may be spoken of in one place."""
    return Scope(scope).narrowed(WHERE[where])
