"""Logs for a person: of a job with its attempts, and of the instances behind an endpoint."""

from collections.abc import Iterator, Mapping
from typing import Any

from reconciler.adapters.aws.answers import Meaning, means
from reconciler.adapters.aws.faults import AWS_FAULTS, failed
from reconciler.adapters.aws.jobanswers import Attempt, attempts_of, to_job
from reconciler.adapters.aws.jobdetails import describe_job, log_group_of
from reconciler.adapters.aws.joblogs import JobLog, last_page, log_page
from reconciler.adapters.aws.session import Aws
from reconciler.core.logs import LogLine, LogNote
from reconciler.core.observed import JobStatus
from reconciler.errors import Interrupted, ReadFailed
from reconciler.ports import Cancel

EMPTY_PAGES = 10
"""Pages without a line that are read backwards before a stream is taken for empty: "This operation can return empty
results while there are more log events available through the token."
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html"""
ALL_OF_THEM = "leave --attempt out to see all there is"
LISTED = 50
"""Streams of a group that are looked at: a page of DescribeLogStreams."""


class CloudWatchLogs:
    """Logs of one region; `poll` is in seconds."""

    def __init__(self, aws: Aws, cancel: Cancel, poll: float = 2.0) -> None:
        self._aws = aws
        self._cancel = cancel
        self._poll = poll

    def of_job(self, job_id: str, attempt: int | None, *, follow: bool) -> Iterator[LogLine | LogNote]:
        """What a job wrote, all attempts or the one of this number (from 1), and how they ended.

        With `follow` until the job, or that attempt, has ended. Raises ReadFailed, Interrupted.
        """
        answer = describe_job(self._aws, job_id)
        group = log_group_of(self._aws, answer)
        telling = _Telling(JobLog(self._logs, group), group, attempt, follow=follow)
        _check_attempt(answer, attempt, follow=follow)
        yield from telling.news(answer)
        while follow and not _is_over(answer, attempt):
            if self._cancel.wait(self._poll):
                raise Interrupted(f"stopped following job {job_id}, which goes on", "run again to follow it")
            answer = describe_job(self._aws, job_id)
            yield from telling.news(answer)
        if follow and not self._cancel.wait(self._poll):
            # CloudWatch shows the last lines, those that say why, a moment after the end.
            yield from telling.news(answer)
        yield from telling.conclusion(answer)

    def streams(self, group: str) -> tuple[str, ...] | None:
        """Names of the newest streams of a log group, newest first; None when there is no group. Raises ReadFailed."""
        try:
            found = self._logs.describe_log_streams(
                logGroupName=group, orderBy="LastEventTime", descending=True, limit=LISTED
            )["logStreams"]
        except AWS_FAULTS as fault:
            if means(fault, Meaning.ABSENT):
                return None
            raise failed(fault, f"the log group {group}") from fault
        return tuple(stream["logStreamName"] for stream in found)

    def of_streams(self, group: str, most: int, *, follow: bool) -> Iterator[LogLine]:
        """The last lines of the `most` newest streams of a group, in the order of their times.

        With `follow` whatever comes after them, without an end. Raises ReadFailed, Interrupted.
        """
        tails: dict[str, _Tail] = {}
        while True:
            newest, first = (self.streams(group) or ())[:most], not tails
            for name in reversed(newest):
                tails.setdefault(name, _Tail(self._logs, group, name, fresh=not first))
            events = sorted(
                (event for tail in tails.values() for event in tail.news()),
                key=lambda event: int(event[1]["timestamp"]),
            )
            for name, event in events:
                for line in event["message"].splitlines():
                    yield LogLine(line, _instance(name) if len(tails) > 1 else "")
            if not follow:
                return
            if self._cancel.wait(self._poll):
                raise Interrupted(f"stopped following the log group {group}", "run again to follow it")

    @property
    def _logs(self) -> Any:
        return self._aws.client("logs")


class _Telling:
    """Tells what is new of one job: lines, attempts that ended, its status."""

    def __init__(self, log: JobLog, group: str, attempt: int | None, *, follow: bool) -> None:
        self._log = log
        self._follow = follow
        self._group = group
        self._attempt = attempt
        self._status = ""
        self._lines: dict[int, int] = {}
        self._ended: set[int] = set()
        self._current = 0

    def news(self, answer: Mapping[str, Any]) -> Iterator[LogLine | LogNote]:
        ended = to_job(answer).status is not JobStatus.ACTIVE
        if not ended:
            yield from self._state(answer)
        for attempt in self._chosen(answer):
            whole = ended or not self._follow
            yield from self._of_attempt(attempt, alone=len(attempts_of(answer)) == 1, whole=whole)
        if ended:
            yield from self._state(answer)

    def conclusion(self, answer: Mapping[str, Any]) -> Iterator[LogNote]:
        """What there is to say of attempts without a line."""
        attempts = self._chosen(answer)
        going_on = to_job(answer).status is JobStatus.ACTIVE
        if not attempts and (not going_on or not self._follow):
            wait = "so there is no log yet; --follow waits for it" if going_on else "so there is no log"
            yield LogNote(f"no attempt has begun, {wait}")
        for one in attempts:
            if self._lines.get(one.number):
                continue
            if not one.stream:
                yield LogNote(f"attempt {one.number} has no log: its container did not start")
            elif one.ended or not going_on:
                yield LogNote(
                    f"no line of attempt {one.number} is in {self._group}, stream {one.stream}: it wrote none, or they "
                    "are older than the group keeps them"
                )
            else:
                yield LogNote(f"attempt {one.number} has written nothing yet; --follow waits for it")

    def _chosen(self, answer: Mapping[str, Any]) -> tuple[Attempt, ...]:
        return tuple(one for one in attempts_of(answer) if self._attempt in (None, one.number))

    def _of_attempt(self, attempt: Attempt, *, alone: bool, whole: bool) -> Iterator[LogLine | LogNote]:
        for line in self._lines_of(attempt.stream, whole=whole) if attempt.stream else ():
            if not alone and self._current != attempt.number:
                self._current = attempt.number
                yield LogNote(f"attempt {attempt.number}:")
            self._lines[attempt.number] = self._lines.get(attempt.number, 0) + 1
            yield LogLine(line)
        if attempt.failure and attempt.number not in self._ended:
            self._ended.add(attempt.number)
            yield LogNote(f"attempt {attempt.number} failed: {attempt.failure}")

    def _lines_of(self, stream: str, *, whole: bool) -> Iterator[str]:
        """What is new; with `whole` all of it, and not only as many pages as a follower may take at once."""
        more = True
        while more:
            more = False
            for line in self._log.new_lines(stream):
                more = whole
                yield line

    def _state(self, answer: Mapping[str, Any]) -> Iterator[LogNote]:
        if answer["status"] != self._status:
            self._status = answer["status"]
            yield LogNote(f"job {answer['jobName']} ({answer['jobId']}) is {self._status}")


class _Tail:
    """One log stream from its last page on: `fresh` ones, which came while others were followed, from their first."""

    def __init__(self, logs: Any, group: str, name: str, *, fresh: bool) -> None:
        self._logs = logs
        self._group = group
        self._name = name
        self._fresh = fresh
        self._token = ""

    def news(self) -> list[tuple[str, Mapping[str, Any]]]:
        """(stream, event) of every event that came since the last call. Raises ReadFailed."""
        events = self._forward() if self._token or self._fresh else self._last_page()
        return [(self._name, event) for event in events]

    def _last_page(self) -> list[Mapping[str, Any]]:
        events, self._token = last_page(self._logs, self._group, self._name, EMPTY_PAGES + 1) or ([], "")
        return events

    def _forward(self) -> list[Mapping[str, Any]]:
        # "If you are using a previous nextForwardToken value as the nextToken in this operation, you must specify true
        # for startFromHead." (API_GetLogEvents)
        resume = {"nextToken": self._token} if self._token else {}
        page = log_page(self._logs, self._group, self._name, startFromHead=True, **resume)
        if page is None:  # deleted, or grown old, since it was listed
            return []
        self._token = page["nextForwardToken"]
        return list(page["events"])


def _check_attempt(answer: Mapping[str, Any], attempt: int | None, *, follow: bool) -> None:
    """Raises ReadFailed for an attempt that the job never made."""
    count = len(attempts_of(answer))
    if attempt is None or attempt <= count or (follow and to_job(answer).status is JobStatus.ACTIVE):
        return
    made = {0: "no attempt yet", 1: "1 attempt"}.get(count, f"{count} attempts")
    raise ReadFailed(f"there is no attempt {attempt} of job {answer['jobName']}: it has made {made}", ALL_OF_THEM)


def _is_over(answer: Mapping[str, Any], attempt: int | None) -> bool:
    if to_job(answer).status is not JobStatus.ACTIVE:
        return True
    return any(one.number == attempt and one.ended for one in attempts_of(answer))


def _instance(stream: str) -> str:
    """What tells an instance's stream from the others: `<variant>/<instance>` is written without the variant.

    https://docs.aws.amazon.com/sagemaker/latest/dg/logging-cloudwatch.html
    """
    return stream.partition("/")[2] or stream
