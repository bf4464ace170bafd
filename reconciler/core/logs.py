"""Logs as somebody asks for them: which job's, and what is told of it."""

from collections.abc import Iterable
from dataclasses import dataclass

from reconciler.core.observed import Job, JobStatus


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line that a job, a container or a builder wrote."""

    text: str
    source: str = ""
    """Which instance wrote it; empty while there is but one."""

    def __str__(self) -> str:
        return f"{self.source}  {self.text}" if self.source else self.text


@dataclass(frozen=True, slots=True)
class LogNote:
    """What is to be known of a log and does not stand in it, such as why an attempt failed."""

    text: str


@dataclass(frozen=True, slots=True)
class BuildLog:
    """What the newest build of an image said on this machine."""

    image: str
    """`<repository>:<tag>`"""
    began: str
    """UTC, ISO 8601."""
    lines: tuple[str, ...]
    """In their order; the last one says how it ended."""


def chosen_job(jobs: Iterable[Job], *, follow: bool) -> Job | None:
    """The newest failed job that no later one made good, else the newest; with `follow`, the newest that goes on.

    None when there is no job. Nothing is to be expected of an order.
    """
    newest_first = sorted(jobs, key=lambda job: (-job.created, job.id))
    going_on = (job for job in newest_first if job.status is JobStatus.ACTIVE)
    if follow and (active := next(going_on, None)):
        return active
    for job in newest_first:
        if job.status is JobStatus.FAILED:
            return job
        if job.status is JobStatus.SUCCEEDED:
            break
    return next(iter(newest_first), None)
