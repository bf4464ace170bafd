"""What Batch says of a job. Pure: answers to values."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reconciler.core.observed import Job, JobStatus

_ENDED = {"SUCCEEDED": JobStatus.SUCCEEDED, "FAILED": JobStatus.FAILED}

QUEUE_SECONDS = 24 * 3600.0
"""That a job may wait for a machine."""
UNLIMITED_SECONDS = 24 * 3600.0
"""That an attempt may take without a limit of its own."""

Answer = Mapping[str, Any]
"""One job, of ListJobs or DescribeJobs."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt of a job."""

    number: int
    """From 1."""
    stream: str
    """Of its log; empty while it has none: its container did not start."""
    ended: bool
    failure: str
    """Why it failed; empty: it did not, or goes on."""


def to_job(answer: Answer) -> Job:
    """The job; `project` and `digest` are left empty, for its name alone tells them."""
    status = _ENDED.get(answer["status"], JobStatus.ACTIVE)
    return Job(
        id=answer["jobId"],
        project="",
        digest="",
        status=status,
        created=int(answer["createdAt"]),
        reason="" if status is JobStatus.SUCCEEDED else reason(answer),
        stopped=int(answer.get("stoppedAt") or 0),
    )


def reason(answer: Answer) -> str:
    """Why a job, or one attempt of it, is where it is: Batch's words, the container's, and its exit code."""
    container = answer.get("container", {})
    code = container.get("exitCode")
    parts = (container.get("reason"), answer.get("statusReason"), f"exit code {code}" if code else None)
    return "; ".join(dict.fromkeys(part for part in parts if part))


def patience(answer: Answer) -> float:
    """Seconds after which a job must have ended: its attempts, each with its limit, and its time in the queue."""
    attempts = int(answer.get("retryStrategy", {}).get("attempts", 1))
    seconds = float(answer.get("timeout", {}).get("attemptDurationSeconds", UNLIMITED_SECONDS))
    return QUEUE_SECONDS + attempts * seconds


def log_streams(answer: Answer) -> tuple[str, ...]:
    """Names of the log streams of every attempt, in order, each once."""
    containers = [attempt.get("container", {}) for attempt in answer.get("attempts", ())]
    containers.append(answer.get("container", {}))
    return tuple(dict.fromkeys(one["logStreamName"] for one in containers if one.get("logStreamName")))


def attempts_of(answer: Answer) -> tuple[Attempt, ...]:
    """Every attempt, in order: those that Batch lists, and the one that it has begun and does not list yet."""
    reasons = iter(attempt_reasons(answer))
    listed = [
        Attempt(number, _stream(one), bool(one.get("stoppedAt")), next(reasons, "") if one.get("stoppedAt") else "")
        for number, one in enumerate(answer.get("attempts", ()), start=1)
    ]
    newest = _stream(answer)
    if newest and all(attempt.stream != newest for attempt in listed):
        listed.append(Attempt(len(listed) + 1, newest, ended=False, failure=""))
    return tuple(listed)


def _stream(answer: Answer) -> str:
    return str(answer.get("container", {}).get("logStreamName") or "")


def failed_stream(answer: Answer) -> str:
    """Name of the log stream of the newest attempt that did not succeed; empty when none wrote one."""
    containers = [one.get("container", {}) for one in answer.get("attempts", ()) if not _succeeded(one)]
    containers.append(answer.get("container", {}))
    named = [one["logStreamName"] for one in containers if one.get("logStreamName")]
    return str(named[-1]) if named else ""


def attempt_reasons(answer: Answer) -> tuple[str, ...]:
    """Why each ended attempt failed; empty for one that did not."""
    ended = [attempt for attempt in answer.get("attempts", ()) if attempt.get("stoppedAt")]
    return tuple("" if _succeeded(attempt) else reason(attempt) or "no reason given" for attempt in ended)


def _succeeded(attempt: Answer) -> bool:
    return bool(attempt.get("container", {}).get("exitCode") == 0)
