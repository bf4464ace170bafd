"""What was observed, as a person may read it: the words of others in it without their secrets."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from reconciler.core.observed import Job, LiveEndpoint, ObservedProject, ObservedState, Refusal, Unread

Redact = Callable[[str], str]
T = TypeVar("T", Refusal, Unread)


def told(observed: ObservedState, redact: Redact) -> ObservedState:
    """The same state: what is there stays, and what is said of it is redacted."""
    return replace(
        observed,
        projects={name: _project(project, redact) for name, project in observed.projects.items()},
        unread=_reasons(observed.unread, redact),
        unsearched=_reasons(observed.unsearched, redact),
    )


def _project(seen: ObservedProject, redact: Redact) -> ObservedProject:
    return replace(
        seen,
        endpoint=_endpoint(seen.endpoint, redact) if seen.endpoint else None,
        jobs=tuple(_job(job, redact) for job in seen.jobs),
        runs=tuple(replace(run, ending=redact(run.ending), log=redact(run.log)) for run in seen.runs),
        refusals=_reasons(seen.refusals, redact),
        unread=_reasons(seen.unread, redact),
    )


def _endpoint(endpoint: LiveEndpoint, redact: Redact) -> LiveEndpoint:
    return replace(endpoint, failure=endpoint.failure and redact(endpoint.failure))


def _job(job: Job, redact: Redact) -> Job:
    return replace(job, reason=redact(job.reason), log=redact(job.log), log_unread=redact(job.log_unread))


def _reasons(things: tuple[T, ...], redact: Redact) -> tuple[T, ...]:
    return tuple(replace(thing, reason=redact(thing.reason)) for thing in things)
