"""A Batch job that runs as a child process."""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, ClassVar

from moto.batch import models

from reconciler.sandbox.aws import images
from reconciler.sandbox.aws.batch import describe, roles, secrets
from reconciler.sandbox.aws.batch.container import Container, environment, resolve
from reconciler.sandbox.aws.batch.retry import Ending, tries_again
from reconciler.sandbox.aws.batch.slots import Slots
from reconciler.sandbox.aws.children import Child
from reconciler.sandbox.aws.cloud import Cloud
from reconciler.sandbox.aws.iam import sessions
from reconciler.sandbox.aws.logs import open_stream
from reconciler.sandbox.aws.runtime import Say
from reconciler.sandbox.faults.fault import JOBS, Fault, Kind

PROCESS_ENDED = "Essential container in task exited"
TIMED_OUT = "Job attempt duration exceeded timeout"
DEPENDENCY_FAILED = "Dependent Job failed"
HOST_RECLAIMED = "Host EC2 (instance i-{id}) terminated."
TASK_RECLAIMED = "Your Spot Task was interrupted."
"""Of Fargate: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html"""
SANDBOX_STOPPED = "Host EC2 terminated: the sandbox was stopped before the job ended"

OF_THE_THREAD = frozenset(vars(threading.Thread()))
"""Names that say how the thread runs; they have no meaning in another process."""


class LocalJob(models.Job):  # type: ignore[misc]  # moto's classes are untyped here
    """Takes the place of moto's job, which needs Docker. It is a thread, which lives until the job has ended."""

    cloud: ClassVar[Cloud]
    slots: ClassVar[Slots]
    retry_strategy: dict[str, Any] | None = None
    """Given on submission instead of the definition's."""
    container_reason: str | None = None

    def run(self) -> None:
        """Live from SUBMITTED to SUCCEEDED or FAILED."""
        if self.job_definition.container_properties is None:
            self._end(Ending(None, None, "The sandbox runs single-container jobs only"))
        elif self._dependencies_succeeded():
            with self._slot() as granted:
                self._end(self._attempts() if granted else self._cut_short())

    def terminate(self, reason: str) -> None:
        """Ask the job to end; its own thread does it."""
        if not self.job_stopped:
            super().terminate(reason)

    def abandon(self) -> None:
        """Fail a job that a former process did not finish."""
        if not self.job_stopped and self._child_jobs is None:
            self._end(Ending(None, None, SANDBOX_STOPPED, final=True))

    def _halted(self) -> bool:
        return bool(self.stop) or self.cloud.stopping.is_set()

    def _cut_short(self, exit_code: int | None = None) -> Ending:
        reason = self.job_stopped_reason if self.stop else SANDBOX_STOPPED
        return Ending(exit_code, None, reason, final=True)

    def _move(self, status: str) -> None:
        with self.cloud.change():
            self.status = status

    def _dependencies_succeeded(self) -> bool:
        self._move("PENDING")
        wanted = [dependency["jobId"] for dependency in self.depends_on or ()]
        while not self._halted():
            states = [self.all_jobs[job_id].status for job_id in wanted if job_id in self.all_jobs]
            if "FAILED" in states:
                self._end(Ending(None, None, DEPENDENCY_FAILED))
                return False
            if all(state == "SUCCEEDED" for state in states):
                return True
            self.cloud.stopping.wait(self.cloud.timing.poll)
        self._end(self._cut_short())
        return False

    @contextmanager
    def _slot(self) -> Iterator[bool]:
        self._move("RUNNABLE")
        granted = self.slots.acquire(self._halted)
        try:
            yield granted
        finally:
            if granted:
                self.slots.release()

    def _attempts(self) -> Ending:
        number = 0
        while True:
            number += 1
            ending = self._attempt(number)
            strategy = self.retry_strategy or self.job_definition.retry_strategy or {}
            if ending.succeeded or not tries_again(strategy, number, ending):
                return ending
            self._move("RUNNABLE")

    def _attempt(self, number: int) -> Ending:
        began = datetime.now()
        container = self._container()
        stream = f"{container.log_prefix}/default/{self.job_id}-{number}"
        with self.cloud.change():
            self.status, self.log_stream_name = "STARTING", stream
        say = open_stream(self.cloud, self.backend.region_name, container.log_group, stream)
        try:
            ending = self._run_process(container, number, say)
        except RuntimeError as problem:
            say(str(problem))
            ending = Ending(None, str(problem), str(problem))
        except OSError as problem:
            reason = f"CannotStartContainerError: {problem}"
            say(reason)
            ending = Ending(None, reason, reason)
        with self.cloud.change():
            self.exit_code, self.container_reason = ending.exit_code, ending.reason
            self.attempts.append(describe.attempt(ending, stream, began, datetime.now()))
        return ending

    def _run_process(self, container: Container, number: int, say: Say) -> Ending:
        with self.cloud.lock:
            roles.check(self._properties, container.image, self.backend.region_name, container.log_group)
            image = images.locate(container.image, self.cloud.runtime.images)
            fetched = secrets.fetch(self._properties, self.backend.region_name)
        given = {**container.environment, **fetched}
        command = self.cloud.runtime.job(image.folder, container.command, given, say)
        if self._halted():
            return self._cut_short()
        child = Child(command, {**self._own_variables(number), **self._credentials()}, say)
        with self.cloud.change():
            self.job_started_at, self.status = datetime.now(), "RUNNING"
        return self._follow(child)

    def _follow(self, child: Child) -> Ending:
        timing, limit = self.cloud.timing, self._get_attempt_duration()
        deadline = time.monotonic() + limit if limit else float("inf")
        while not child.ended.wait(timing.poll):
            if self._halted():
                child.stop(timing.grace)
                return self._cut_short(child.exit_code)
            if time.monotonic() > deadline:
                child.stop(timing.grace)
                return Ending(child.exit_code, None, TIMED_OUT, final=True)
            struck = self.cloud.faults.strike(JOBS, self.job_name, self.job_id)
            if struck:
                return _killed(child, struck[0].fault, serverless=self._serverless)
        return Ending(child.exit_code, None, PROCESS_ENDED)

    def _own_variables(self, number: int) -> dict[str, str]:
        """https://docs.aws.amazon.com/batch/latest/userguide/job_env_vars.html"""
        index = self.array_properties.get("index")
        array = {} if index is None else {"AWS_BATCH_JOB_ARRAY_INDEX": str(index)}
        first = min(self.job_queue.env_order_json, key=lambda one: int(one["order"]))
        return {
            "AWS_BATCH_CE_NAME": first["computeEnvironment"].rpartition("/")[2],
            "AWS_BATCH_JOB_ATTEMPT": str(number),
            "AWS_BATCH_JOB_ID": self.job_id,
            "AWS_BATCH_JQ_NAME": self.job_queue.name,
            **array,
        }

    def _credentials(self) -> dict[str, str]:
        """Of the job's role, as a container has them; none without a role."""
        role = self._properties.get("jobRoleArn")
        with self.cloud.lock:
            return sessions.begin(role, self.job_id).variables() if role else {}

    @property
    def _serverless(self) -> bool:
        return "FARGATE" in (self.job_definition.platform_capabilities or ())

    @property
    def _properties(self) -> dict[str, Any]:
        properties: dict[str, Any] = self.job_definition.container_properties
        return properties

    def _container(self) -> Container:
        definition = self.job_definition
        return resolve(self._properties, self.container_overrides, self.parameters, definition.name)

    def _end(self, ending: Ending) -> None:
        with self.cloud.change():
            self.job_stopped_reason = ending.status_reason
            self._mark_stopped(success=ending.succeeded)

    def _get_container_property(self, p: str, default: Any) -> Any:
        if p == "environment":  # moto's own appends a variable to the stored job each time it is asked
            merged = environment(self.job_definition.container_properties, self.container_overrides)
            return [{"name": name, "value": value} for name, value in merged.items()]
        return super()._get_container_property(p, default)

    def _container_details(self) -> dict[str, Any]:
        definition = self.job_definition
        return {
            **describe.without_fractions(super()._container_details()),
            **describe.container_details(
                definition.container_properties, self.container_overrides, self.exit_code, self.container_reason
            ),
        }

    def describe_short(self) -> dict[str, Any]:
        """A job in ListJobs."""
        answer: dict[str, Any] = super().describe_short()
        if not answer.get("startedAt"):
            answer.pop("startedAt", None)
        container = describe.present({"exitCode": self.exit_code, "reason": self.container_reason})
        return {**answer, "container": container} if self.job_stopped and container else answer

    def describe(self) -> dict[str, Any]:
        """A job in DescribeJobs."""
        seconds = self._get_attempt_duration()
        timeout = {"timeout": {"attemptDurationSeconds": seconds}} if seconds else {}
        strategy = self.retry_strategy or self.job_definition.retry_strategy
        retries = {"retryStrategy": strategy} if strategy else {}
        return {**super().describe(), **retries, **timeout}

    def __reduce__(self) -> tuple[Any, ...]:
        state = {name: value for name, value in vars(self).items() if name not in OF_THE_THREAD}
        return _blank, (), state

    def __setstate__(self, state: dict[str, Any]) -> None:
        threading.Thread.__init__(self, name=f"batch-{state['job_id']}", daemon=True)
        self.__dict__.update(state)


def _blank() -> LocalJob:
    return LocalJob.__new__(LocalJob)


def _killed(child: Child, fault: Fault, *, serverless: bool) -> Ending:
    """Batch tells no exit code of a container whose host is gone."""
    child.kill()
    if fault.kind is Kind.RECLAIM:
        reclaimed = TASK_RECLAIMED if serverless else HOST_RECLAIMED.format(id=f"0{os.urandom(8).hex()}")
        return Ending(None, None, reclaimed)
    return Ending(child.exit_code, fault.reason or None, PROCESS_ENDED)
