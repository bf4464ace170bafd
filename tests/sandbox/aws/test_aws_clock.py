"""Schedules: when they are due, and that they submit jobs."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from reconciler.sandbox.aws import Timing
from reconciler.sandbox.aws.clock.clock import Clock
from reconciler.sandbox.aws.clock.expressions import due, matches
from reconciler.sandbox.aws.cloud import Cloud

START = datetime(2026, 1, 1, tzinfo=UTC)
MONDAY = datetime(2026, 11, 23, 3, 0, 1, tzinfo=UTC)
ALWAYS = "* * * * ? *"
ONCE = "cron(0 3 23 11 ? 2026)"
"""The minute of MONDAY: the server's own clock never sees it."""


@pytest.mark.parametrize(
    ("fields", "moment", "fires"),
    [
        ("0 3 ? * MON *", "2026-11-23T03:00", True),
        ("0 3 ? * MON *", "2026-11-23T03:01", False),
        ("0 3 ? * MON *", "2026-11-24T03:00", False),
        ("0 3 ? * 2 *", "2026-11-23T03:00", True),
        ("0 3 ? * MON-FRI *", "2026-11-28T03:00", False),
        ("0 3 ? * SUN *", "2026-11-29T03:00", True),
        ("0/15 * * * ? *", "2026-11-23T17:45", True),
        ("0/15 * * * ? *", "2026-11-23T17:46", False),
        ("5-10/5 * * * ? *", "2026-11-23T17:10", True),
        ("5-10/5 * * * ? *", "2026-11-23T17:15", False),
        ("*/20 1,13 * * ? *", "2026-11-23T13:40", True),
        ("0 0 1 JAN,JUL ? *", "2026-07-01T00:00", True),
        ("0 0 1 JAN,JUL ? *", "2026-08-01T00:00", False),
        ("0 0 L * ? *", "2026-02-28T00:00", True),
        ("0 0 L * ? *", "2026-02-27T00:00", False),
        ("0 0 ? * MON#4 *", "2026-11-23T00:00", True),
        ("0 0 ? * 2#3 *", "2026-11-23T00:00", False),
        ("0 0 ? * 2L *", "2026-11-30T00:00", True),
        ("0 0 ? * 2L *", "2026-11-23T00:00", False),
        ("0 0 ? * L *", "2026-11-07T00:00", True),
        ("0 0 * * ? 2027", "2026-11-23T00:00", False),
        ("0 0 * * ? 2026-2028", "2026-11-23T00:00", True),
    ],
)
def test_a_cron_expression_names_its_minutes(fields: str, moment: str, fires: bool) -> None:
    assert matches(fields, datetime.fromisoformat(moment)) is fires


def test_a_cron_expression_fires_once_in_its_minute() -> None:
    assert due(f"cron({ALWAYS})", START, MONDAY - timedelta(seconds=2), MONDAY)
    assert not due(f"cron({ALWAYS})", START, MONDAY, MONDAY + timedelta(seconds=1))


@pytest.mark.parametrize(
    ("expression", "seconds", "fires"),
    [
        ("rate(1 minute)", 59, False),
        ("rate(1 minute)", 60, True),
        ("rate(2 hours)", 3600, False),
        ("rate(2 hours)", 7200, True),
        ("rate(1 day)", 2 * 86400, True),
    ],
)
def test_a_rate_counts_from_the_beginning_of_its_schedule(expression: str, seconds: int, fires: bool) -> None:
    now = START + timedelta(seconds=seconds)
    assert due(expression, START, now - timedelta(seconds=1), now) is fires
    if fires:
        assert not due(expression, START, now, now + timedelta(seconds=1)), "once is enough"


def test_a_rate_does_not_fire_when_it_begins() -> None:
    assert not due("rate(1 hour)", START, START - timedelta(seconds=1), START + timedelta(seconds=1))


@pytest.mark.parametrize("expression", ["at(2026-11-23T03:00:00)", "cron(0 0 15W * ? *)", "rate(1 week)", ""])
def test_what_is_not_understood_is_said(expression: str) -> None:
    with pytest.raises(ValueError, match=r"is neither|is not understood"):
        due(expression, START, datetime(2026, 11, 14, 23, 59), datetime(2026, 11, 15))


@pytest.fixture(scope="module")
def queue(shared_box: Any) -> str:
    """A queue, and a job definition of the same name, that says what it was told."""
    batch, ec2 = shared_box.client("batch"), shared_box.client("ec2")
    resources = {
        "type": "FARGATE",
        "maxvCpus": 4,
        "subnets": [ec2.describe_subnets()["Subnets"][0]["SubnetId"]],
        "securityGroupIds": [ec2.describe_security_groups()["SecurityGroups"][0]["GroupId"]],
    }
    batch.create_compute_environment(computeEnvironmentName="clock", type="MANAGED", computeResources=resources)
    order = [{"order": 1, "computeEnvironment": "clock"}]
    batch.create_job_queue(jobQueueName="clock", state="ENABLED", priority=1, computeEnvironmentOrder=order)
    container = {"image": shared_box.push("clock", {"a": "b"}), "command": ["true"], "vcpus": 1, "memory": 512}
    batch.register_job_definition(jobDefinitionName="clock", type="container", containerProperties=container)
    return "clock"


def schedule(box: Any, name: str, expression: str = ONCE, **more: Any) -> None:
    submission = {
        "JobName": name,
        "JobQueue": "clock",
        "JobDefinition": "clock",
        "ContainerOverrides": {
            "Command": ["sh", "-c", "echo trigger is $RECONCILER_TRIGGER"],
            "Environment": [{"Name": "RECONCILER_TRIGGER", "Value": "schedule"}],
        },
    }
    target = {
        "Arn": "arn:aws:scheduler:::aws-sdk:batch:submitJob",
        "RoleArn": "arn:aws:iam::123456789012:role/serving",
        "Input": json.dumps({**submission, **more.pop("submission", {})}),
        **more.pop("target", {}),
    }
    box.client("scheduler").create_schedule(
        Name=name, ScheduleExpression=expression, FlexibleTimeWindow={"Mode": "OFF"}, Target=target, **more
    )


def jobs(box: Any, name: str) -> list[dict[str, Any]]:
    wanted = [{"name": "JOB_NAME", "values": [name]}]
    return box.client("batch").list_jobs(jobQueue="clock", filters=wanted)["jobSummaryList"]


def tick(now: datetime = MONDAY) -> None:
    Clock(Cloud(runtime=None, timing=Timing())).tick(now - timedelta(minutes=1), now)  # type: ignore[arg-type]  # unused


def test_a_schedule_that_is_due_submits_its_job(shared_box: Any, queue: str, eventually: Callable[..., Any]) -> None:
    schedule(shared_box, "punctual")
    tick()
    (submitted,) = jobs(shared_box, "punctual")
    eventually(lambda: jobs(shared_box, "punctual")[0]["status"] == "SUCCEEDED")
    (job,) = shared_box.client("batch").describe_jobs(jobs=[submitted["jobId"]])["jobs"]
    events = shared_box.client("logs").get_log_events(
        logGroupName="/aws/batch/job", logStreamName=job["container"]["logStreamName"]
    )["events"]
    assert "trigger is schedule" in [event["message"] for event in events]
    shared_box.client("scheduler").delete_schedule(Name="punctual")
    tick()
    assert len(jobs(shared_box, "punctual")) == 1


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("disabled", {"State": "DISABLED"}),
        ("not-now", {"expression": "cron(0 4 23 11 ? 2026)"}),
        ("elsewhere", {"ScheduleExpressionTimezone": "Asia/Tokyo", "expression": ONCE}),
        ("other-target", {"target": {"Arn": "arn:aws:lambda:eu-west-1:123456789012:function:other"}}),
    ],
)
def test_a_schedule_that_is_not_due_submits_nothing(
    shared_box: Any, queue: str, name: str, more: dict[str, Any]
) -> None:
    schedule(shared_box, name, **more)
    tick()
    assert jobs(shared_box, name) == []


def test_a_schedule_that_cannot_be_kept_is_said_and_hinders_no_other(
    shared_box: Any, queue: str, caplog: pytest.LogCaptureFixture
) -> None:
    schedule(shared_box, "lost", submission={"JobQueue": "nowhere"})
    schedule(shared_box, "unhindered")
    tick()
    assert "could not fire the schedule lost" in caplog.text
    assert "JobQueue nowhere not found." in caplog.text
    assert len(jobs(shared_box, "unhindered")) == 1
