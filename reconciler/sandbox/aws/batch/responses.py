"""Parts of Batch's HTTP interface that moto leaves out."""

import json
from typing import Any

from moto.batch.exceptions import ClientException
from moto.batch.responses import BatchResponse

from reconciler.sandbox.aws.patches import Patches

PAGE = 100

_submit = BatchResponse.submitjob
_create_queue = BatchResponse.createjobqueue
_update_queue = BatchResponse.updatejobqueue
_update_environment = BatchResponse.updatecomputeenvironment


def submitjob(self: Any) -> str:
    """Moto drops the retry strategy of a submission."""
    answer: str = _submit(self)
    strategy = self._get_param("retryStrategy")
    if strategy:
        self.batch_backend.get_job_by_id(json.loads(answer)["jobId"]).retry_strategy = strategy
    return answer


def listjobs(self: Any) -> str:
    """Moto answers every job at once."""
    jobs = self.batch_backend.list_jobs(
        job_queue_name=self._get_param("jobQueue"),
        array_job_id=self._get_param("arrayJobId"),
        job_status=self._get_param("jobStatus"),
        filters=self._get_param("filters"),
    )
    start, size = _page(self._get_param("nextToken"), self._get_param("maxResults"))
    answer: dict[str, Any] = {"jobSummaryList": [job.describe_short() for job in jobs[start : start + size]]}
    if start + size < len(jobs):
        answer["nextToken"] = str(start + size)
    return json.dumps(answer)


def createjobqueue(self: Any) -> str:
    """Moto forgets the time limits of a queue."""
    answer: str = _create_queue(self)
    self.batch_backend.keep_time_limits(self._get_param("jobQueueName"), self._get_param("jobStateTimeLimitActions"))
    return answer


def updatejobqueue(self: Any) -> str:
    """Moto forgets the time limits of a queue."""
    answer: str = _update_queue(self)
    self.batch_backend.keep_time_limits(self._get_param("jobQueue"), self._get_param("jobStateTimeLimitActions"))
    return answer


def updatecomputeenvironment(self: Any) -> str:
    """Moto forgets the update policy."""
    answer: str = _update_environment(self)
    self.batch_backend.keep_update_policy(self._get_param("computeEnvironment"), self._get_param("updatePolicy"))
    return answer


def _page(token: str | None, size: str | int | None) -> tuple[int, int]:
    if token and not token.isdigit():
        raise ClientException("nextToken is not one that ListJobs gave")
    return int(token or 0), min(int(size or PAGE), PAGE)


def install(patches: Patches) -> None:
    """Put these in the place of moto's."""
    patches.operations(BatchResponse, submitjob, listjobs, createjobqueue, updatejobqueue, updatecomputeenvironment)
