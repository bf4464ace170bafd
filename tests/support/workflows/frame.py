"""A job while it runs, and the steps of it, or of an action in it, that share what they say of themselves."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from support.workflows.expressions import Scope, interpolate
from support.workflows.identity import Door
from support.workflows.log import Log
from support.workflows.machine import Machine
from support.workflows.results import SUCCESS, JobRun, Role
from support.workflows.site import Site
from support.workflows.triggers import Event


@dataclass
class Working:
    """One job at work."""

    event: Event
    site: Site
    log: Log
    machine: Machine
    result: JobRun
    contexts: Mapping[str, Any]
    """All but `env`, `steps` and `job`."""
    token: str
    artifacts: Path
    """Folder of the run's."""
    door: Door
    """Into AWS."""
    env: dict[str, str] = field(default_factory=dict)
    """The job's own variables, and what its steps added."""
    path: list[str] = field(default_factory=list)
    """Folders that its steps added."""

    def subject(self) -> str:
        """What GitHub's token says to AWS that this job is."""
        if self.result.environment:
            return f"repo:{self.event.repository}:environment:{self.result.environment}"
        if self.event.name == "pull_request":
            return f"repo:{self.event.repository}:pull_request"
        return f"repo:{self.event.repository}:ref:{self.event.ref}"

    def takes(self, role: Role, session: Mapping[str, str]) -> None:
        """Hold a role's credentials from here on."""
        self.result.roles.append(role)
        self.log.secrets |= {value for name, value in session.items() if name != "AWS_ENDPOINT_URL"}
        self.env |= {**session, "AWS_REGION": role.region, "AWS_DEFAULT_REGION": role.region}


@dataclass
class Frame:
    """Steps that stand together."""

    job: Working
    contexts: Mapping[str, Any]
    env: Mapping[str, str] = field(default_factory=dict)
    """What the step that uses an action sets for it."""
    defaults: Mapping[str, str] = field(default_factory=dict)
    own: Mapping[str, str] = field(default_factory=dict)
    """Variables that a script finds here beyond everybody's."""
    depth: int = 0
    needs_shell: bool = False
    steps: dict[str, Any] = field(default_factory=dict)
    failed: bool = False

    def scope(self) -> Scope:
        """What a step may speak of before its own `env` is known."""
        return self.scope_with({})

    def scope_with(self, env: Mapping[str, str]) -> Scope:
        """With a step's own variables."""
        told = {
            "env": {**self.job.env, **self.env, **env},
            "steps": self.steps,
            "job": {"status": "failure" if self.failed else SUCCESS},
        }
        status = {"success": not self.failed, "failure": self.failed, "always": True, "cancelled": False}
        return Scope({**self.contexts, **told}, status)

    def variables(self, env: Mapping[str, str]) -> dict[str, str]:
        """The whole environment of a step."""
        machine = self.job.machine.variables()
        found = {**machine, **self.job.env, **self.env, **env, **self.own}
        return {**found, "PATH": ":".join((*reversed(self.job.path), found["PATH"]))}

    def env_of(self, raw: Mapping[str, Any]) -> dict[str, str]:
        """A step's own variables."""
        scope = self.scope()
        return {name: interpolate(_text(value), scope) for name, value in raw.items()}


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
