"""Batch jobs: which there are, starting one, and following one to its end."""

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from reconciler.adapters.aws.faults import AWS_FAULTS, changing, may_be_done, reading
from reconciler.adapters.aws.jobanswers import attempt_reasons, failed_stream, log_streams, patience, to_job
from reconciler.adapters.aws.jobdetails import describe_job, log_of
from reconciler.adapters.aws.joblogs import JobLog
from reconciler.adapters.aws.session import Aws
from reconciler.core.observed import Job, JobStatus
from reconciler.errors import AnswerLost, AwsFailed, Interrupted, TimedOut
from reconciler.ports import Cancel, Say

PATIENCE = 3600.0
"""Seconds that queues may take to empty once nothing is submitted any more."""
SHOWN = 3
"""Names of jobs in a message."""
LISTING_POLLS = 12
"""Looks until a job that Batch took is listed for certain: a minute, at the pace at which AWS is asked."""


def _pairs(env: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in sorted(env.items())]


class BatchJobs:
    """Jobs of one region; `poll` is in seconds. Jobs that are submitted carry `tags`: only those may be stopped."""

    def __init__(
        self,
        aws: Aws,
        cancel: Cancel,
        poll: float = 2.0,
        tags: Mapping[str, str] = MappingProxyType({}),
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._aws = aws
        self._clock = clock
        self._tags = dict(tags)
        self._cancel = cancel
        self._poll = poll

    def find(self, queues: Sequence[str], prefix: str) -> tuple[tuple[str, Job], ...]:
        """(job name, job) of every job whose name starts with `prefix`, newest first.

        `project` and `digest` of the job are left empty. A queue that does not exist holds no jobs.
        Raises ReadFailed.
        """
        summaries = [summary for queue in self._existing(queues) for summary in self._summaries(queue, prefix)]
        # Batch's filter ignores case, our names do not.
        found = [(item["jobName"], to_job(item)) for item in summaries if item["jobName"].startswith(prefix)]
        return tuple(sorted(found, key=lambda named: (-named[1].created, named[1].id)))

    def seek(self, queues: Sequence[str], name: str, ended: Collection[str], since: int, say: Say) -> Job | None:
        """The job of exactly this name that is not among the `ended` ones; None when there is none.

        `since` is when it may have been submitted, in milliseconds since the epoch: it is waited for until every
        listing must show it. Raises ReadFailed, Interrupted.
        """
        deadline = min(self._clock(), since / 1000) + LISTING_POLLS * self._poll
        told = False
        while (found := self._named(queues, name, ended)) is None and self._clock() < deadline:
            if not told:
                told = True
                say(f"looking for job {name}, which may have been submitted a moment ago")
            self._pause(f"stopped looking for job {name}", "run again to go on looking")
        return found

    def submit(
        self,
        name: str,
        queue: str,
        definition: str,
        parameters: Mapping[str, str],
        env: Mapping[str, str] | None = None,
    ) -> str:
        """Submit a job on the newest active revision of `definition`, with variables beside its own; returns its id.

        Raises AnswerLost when Batch may have taken it and did not say so, AwsFailed, ReadFailed, Interrupted.
        """
        request = {
            "jobName": name,
            "jobQueue": queue,
            "jobDefinition": f"{definition}:{self._newest_revision(definition)}",
            "parameters": dict(parameters),
            "propagateTags": True,
            **({"tags": self._tags} if self._tags else {}),
            **({"containerOverrides": {"environment": _pairs(env)}} if env else {}),
        }
        with changing(f"submit job {name} to queue {queue}"):
            return self._submit(request)

    def wait(self, job_id: str, say: Say) -> Job:
        """Wait until the job succeeded or failed, passing its log lines on.

        Raises ReadFailed, Interrupted, and TimedOut when it has waited for a machine for a day and run for its time.
        """
        answer = self._describe(job_id)
        limit = patience(answer)
        deadline = self._clock() + limit
        following = _Following(self._log(answer), say)
        following.tell(answer)
        while (job := to_job(answer)).status is JobStatus.ACTIVE:
            if self._clock() > deadline:
                what = f"job {job_id} is still {answer['status']} after {limit / 3600:.0f} hours"
                raise TimedOut(what, "look at it and at its queue in the Batch console; run again to wait on")
            self._pause(f"stopped waiting for job {job_id}, which goes on", "run again to follow it")
            answer = self._describe(job_id)
            following.tell(answer)
        if job.status is JobStatus.FAILED and not self._cancel.wait(self._poll):
            # CloudWatch shows the last lines, those that say why, a moment after the end.
            following.tell(answer)
        return job

    def log_tail(self, job_id: str) -> str:
        """The last lines that the newest failed attempt of a job wrote; empty when it wrote none. Raises ReadFailed."""
        answer = self._describe(job_id)
        stream = failed_stream(answer)
        return self._log(answer).tail(stream) if stream else ""

    def drain(self, queues: Sequence[str], say: Say) -> None:
        """Wait until no job is left in the queues; one that does not exist holds none.

        Raises ReadFailed, Interrupted, and TimedOut when jobs are still there after an hour.
        """
        deadline = self._clock() + PATIENCE
        told: tuple[str, ...] = ()
        while left := tuple(name for name, job in self.find(queues, "") if job.status is JobStatus.ACTIVE):
            if left != told:
                told = left
                say(f"waiting for {len(left)} job(s) to end: {', '.join(left[:SHOWN])}")
            if self._clock() > deadline:
                what = f"{len(left)} job(s) have not ended after an hour: {', '.join(left[:SHOWN])}"
                raise TimedOut(what, "wait for them, or stop them: aws batch terminate-job; and run again")
            self._pause("stopped waiting for the queues to empty", "run again to go on waiting")

    def terminate(self, job_id: str, reason: str) -> None:
        """Stop a job that is not wanted any more; one that has ended already stays as it is. Raises AwsFailed."""
        with changing(f"stop job {job_id}"):
            self._batch.terminate_job(jobId=job_id, reason=reason)

    @property
    def _batch(self) -> Any:
        return self._aws.client("batch")

    def _named(self, queues: Sequence[str], name: str, ended: Collection[str]) -> Job | None:
        found = (job for called, job in self.find(queues, name) if called == name and job.id not in ended)
        return next(found, None)

    def _existing(self, queues: Sequence[str]) -> tuple[str, ...]:
        """Those of the queues that are there: to list the jobs of one that is not is a `ClientException`, as all is."""
        with reading("the job queues"):
            pages = self._batch.get_paginator("describe_job_queues").paginate(jobQueues=list(queues))
            found = {one["jobQueueName"] for page in pages for one in page["jobQueues"] if one["status"] != "DELETED"}
        return tuple(queue for queue in queues if queue in found)

    def _summaries(self, queue: str, prefix: str) -> Iterable[Mapping[str, Any]]:
        # With a filter Batch lists jobs of every status, without one only the running ones.
        filters = [{"name": "JOB_NAME", "values": [f"{prefix}*"]}]
        with reading(f"the jobs of queue {queue}"):
            pages = self._batch.get_paginator("list_jobs").paginate(jobQueue=queue, filters=filters)
            return [summary for page in pages for summary in page["jobSummaryList"]]

    def _newest_revision(self, definition: str) -> int:
        paginator = self._batch.get_paginator("describe_job_definitions")
        with reading(f"job definition {definition}"):
            pages = paginator.paginate(jobDefinitionName=definition, status="ACTIVE")
            revisions = [found["revision"] for page in pages for found in page["jobDefinitions"]]
        if not revisions:
            remedy = "reconcile again: applying the project's training stack makes it"
            raise AwsFailed(f"there is no active job definition {definition}", remedy)
        return int(max(revisions))

    def _submit(self, request: Mapping[str, Any]) -> str:
        try:
            return str(self._aws.client("batch", once=True).submit_job(**request)["jobId"])
        except AWS_FAULTS as fault:
            if not may_be_done(fault):
                raise
            raise AnswerLost(f"Batch did not say whether it took job {request['jobName']}: {fault}") from fault

    def _describe(self, job_id: str) -> Mapping[str, Any]:
        return describe_job(self._aws, job_id)

    def _log(self, answer: Mapping[str, Any]) -> JobLog:
        return log_of(self._aws, answer)

    def _pause(self, what: str, remedy: str) -> None:
        if self._cancel.wait(self._poll):
            raise Interrupted(what, remedy)


class _Following:
    """Tells what is new about one job."""

    def __init__(self, log: JobLog, say: Say) -> None:
        self._log = log
        self._say = say
        self._status = ""
        self._attempts = 0

    def tell(self, answer: Mapping[str, Any]) -> None:
        """Say what changed since the last answer: its status, lines of its log, attempts that failed."""
        ended = to_job(answer).status is not JobStatus.ACTIVE
        if not ended:
            self._tell_status(answer)
        for stream in log_streams(answer):
            for line in self._log.new_lines(stream):
                self._say(line)
        self._tell_attempts(attempt_reasons(answer))
        if ended:
            self._tell_status(answer)

    def _tell_attempts(self, reasons: Sequence[str]) -> None:
        for number, reason in list(enumerate(reasons, start=1))[self._attempts :]:
            if reason:
                self._say(f"attempt {number} failed: {reason}")
        self._attempts = len(reasons)

    def _tell_status(self, answer: Mapping[str, Any]) -> None:
        if answer["status"] != self._status:
            self._status = answer["status"]
            self._say(f"job {answer['jobName']} is {self._status}")
