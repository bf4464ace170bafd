"""Looks at the schedules every second and submits the jobs that are due.

What would have been due while the sandbox was down is not made up for.
"""

import json
import logging
import threading
from datetime import UTC, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from moto.batch.models import batch_backends
from moto.core import DEFAULT_ACCOUNT_ID
from moto.core.exceptions import AWSError
from moto.scheduler.models import scheduler_backends

from reconciler.sandbox.aws.clock import roles
from reconciler.sandbox.aws.clock.expressions import due
from reconciler.sandbox.aws.cloud import Cloud

log = logging.getLogger(__name__)

SUBMIT_JOB = ":scheduler:::aws-sdk:batch:submitJob"
LOOK = 1.0  # seconds
UNUSABLE = (AWSError, KeyError, RuntimeError, TypeError, ValueError)
"""What a schedule's own mistakes raise: an unknown queue, an input that is not as SubmitJob wants it, a weak role."""


class Clock:
    """Fires schedules until the server stops."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    def start(self) -> None:
        """Begin to look."""
        threading.Thread(target=self._run, name="clock", daemon=True).start()

    def tick(self, before: datetime, now: datetime) -> None:
        """Fire what became due after `before`, at the latest `now`."""
        with self._cloud.lock:
            for _, region, backend in list(scheduler_backends.iter_backends()):
                schedules = [one for group in backend.schedule_groups.values() for one in group.schedules.values()]
                for schedule in schedules:
                    self._fire(region, schedule, before, now)

    def _fire(self, region: str, schedule: Any, before: datetime, now: datetime) -> None:  # moto's own object
        try:
            if is_due(schedule, before, now):
                wanted = json.loads(schedule.target.get("Input") or "{}")
                roles.check(schedule.target["RoleArn"], region, wanted)
                submit(region, wanted)
                self._cloud.changed.set()
        except UNUSABLE as problem:
            _say_once(f"The sandbox could not fire the schedule {schedule.name}: {problem}")

    def _run(self) -> None:
        before = datetime.now(UTC)
        while not self._cloud.stopping.wait(LOOK):
            now = datetime.now(UTC)
            self.tick(before, now)
            before = now


def is_due(schedule: Any, before: datetime, now: datetime) -> bool:  # schedule is moto's own object
    """Whether a schedule submits a job now. Raises ValueError for an expression that is not understood."""
    if schedule.state != "ENABLED" or not schedule.target["Arn"].endswith(SUBMIT_JOB):
        return False
    zone = ZoneInfo(schedule.schedule_expression_timezone)
    anchor = datetime.fromtimestamp(schedule.last_modified_date, UTC)
    return due(schedule.schedule_expression, *(moment.astimezone(zone) for moment in (anchor, before, now)))


def submit(region: str, wanted: dict[str, Any]) -> str:
    """SubmitJob, with the input that a universal target gives it. Returns the job's id."""
    backend = batch_backends[DEFAULT_ACCOUNT_ID][region]
    overrides = wanted.get("ContainerOverrides")
    _, identifier, _ = backend.submit_job(
        job_name=wanted["JobName"],
        job_def_id=wanted["JobDefinition"].rpartition("/")[2],
        job_queue=wanted["JobQueue"],
        array_properties={},
        container_overrides=_lower(overrides) if overrides else None,
        parameters=wanted.get("Parameters"),
        tags=wanted.get("Tags"),
    )
    return str(identifier)


def _lower(value: Any) -> Any:
    """The same with the names that Batch's own interface has: the first letter of each is small there."""
    match value:
        case dict():
            return {name[:1].lower() + name[1:]: _lower(one) for name, one in value.items()}
        case list():
            return [_lower(one) for one in value]
        case _:
            return value


@cache
def _say_once(message: str) -> None:
    log.warning(message)
