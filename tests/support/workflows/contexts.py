"""What may be spoken of in which place, and what GitHub tells a job about itself."""

from collections.abc import Mapping
from typing import Any

from support.workflows.triggers import Event

_EARLY = ("github", "needs", "vars", "inputs")
_LAID_OUT = (*_EARLY, "strategy", "matrix")
_RUNNING = (*_LAID_OUT, "job", "runner", "env", "steps")
WHERE: Mapping[str, tuple[str, ...]] = {
    "workflow.env": ("github", "secrets", "inputs", "vars"),
    "workflow.concurrency": ("github", "inputs", "vars"),
    "workflow.outputs": ("github", "jobs", "vars", "inputs"),
    "job.if": _EARLY,
    "job.strategy": _EARLY,
    "job.name": _LAID_OUT,
    "job.runs-on": _LAID_OUT,
    "job.environment": _LAID_OUT,
    "job.concurrency": _LAID_OUT,
    "job.with": _LAID_OUT,
    "job.secrets": (*_LAID_OUT, "secrets"),
    "job.env": (*_LAID_OUT, "secrets"),
    "job.defaults": (*_LAID_OUT, "env"),
    "job.outputs": (*_RUNNING, "secrets"),
    "step.if": _RUNNING,
    "step": (*_RUNNING, "secrets"),
}
"""https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#context-availability"""


def github(event: Event, run: Mapping[str, Any]) -> dict[str, Any]:
    """The `github` context; `run` is what is of the run and of the job."""
    pull = event.payload.get("pull_request", {})
    return {
        "event_name": event.name,
        "event": event.payload,
        "ref": event.ref,
        "ref_name": event.ref.removeprefix("refs/heads/").removeprefix("refs/pull/"),
        "ref_type": "branch",
        "sha": event.sha,
        "base_ref": pull.get("base", {}).get("ref", ""),
        "head_ref": pull.get("head", {}).get("ref", ""),
        "repository": event.repository,
        "repository_owner": event.repository.split("/")[0],
        "actor": event.actor,
        "triggering_actor": event.actor,
        **run,
    }


_AS_VARIABLES = (
    *("actor", "api_url", "base_ref", "event_name", "event_path", "head_ref", "job", "ref", "ref_name", "ref_type"),
    *("repository", "repository_owner", "run_attempt", "run_id", "run_number", "server_url", "sha"),
    *("triggering_actor", "workflow", "workflow_ref", "workspace"),
)


def variables(context: Mapping[str, Any]) -> dict[str, str]:
    """GITHUB_…, which every step finds in its environment."""
    told = {f"GITHUB_{name.upper()}": str(context[name]) for name in _AS_VARIABLES}
    return {"CI": "true", "GITHUB_ACTIONS": "true", **told}
