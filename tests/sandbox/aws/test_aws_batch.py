"""Batch through boto3, with jobs that are real processes."""

import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from reconciler.sandbox.faults import Fault, Faults, Kind
from support.access import KEYS
from support.policies import policy

QUEUE = "training"
GROUP = "/team/train"
STEPS = ["SUBMITTED", "PENDING", "RUNNABLE", "STARTING", "RUNNING", "SUCCEEDED", "FAILED"]


@dataclass(frozen=True)
class Batch:
    """Shorthand for what every test here does."""

    box: Any
    client: Any
    logs: Any
    image: str
    eventually: Callable[..., Any]

    def define(self, name: str, command: list[str], properties: Mapping[str, Any] | None = None, **more: Any) -> str:
        container = {
            "image": self.image,
            "command": command,
            "resourceRequirements": [{"type": "VCPU", "value": "0.25"}, {"type": "MEMORY", "value": "512"}],
            "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": GROUP}},
            **(properties or {}),
        }
        made = self.client.register_job_definition(
            jobDefinitionName=name, type="container", containerProperties=container, **more
        )
        return f"{name}:{made['revision']}"

    def submit(self, name: str, command: list[str], **more: Any) -> str:
        definition = self.define(name, command, more.pop("properties", None), **more.pop("definition", {}))
        return self.client.submit_job(jobName=name, jobQueue=QUEUE, jobDefinition=definition, **more)["jobId"]

    def job(self, job_id: str) -> dict[str, Any]:
        return self.client.describe_jobs(jobs=[job_id])["jobs"][0]

    def reaches(self, job_id: str, *statuses: str) -> dict[str, Any]:
        self.eventually(lambda: self.job(job_id)["status"] in statuses)
        return self.job(job_id)

    def ended(self, job_id: str) -> dict[str, Any]:
        return self.reaches(job_id, "SUCCEEDED", "FAILED")

    def lines(self, job: Mapping[str, Any], group: str = GROUP) -> list[str]:
        events = self.logs.get_log_events(
            logGroupName=group, logStreamName=job["container"]["logStreamName"], startFromHead=True
        )
        return [event["message"] for event in events["events"]]


@pytest.fixture(scope="module")
def batch(shared_box: Any, eventually: Callable[..., Any]) -> Batch:
    ec2, client = shared_box.client("ec2"), shared_box.client("batch")
    resources = {
        "type": "FARGATE",
        "maxvCpus": 4,
        "subnets": [ec2.describe_subnets()["Subnets"][0]["SubnetId"]],
        "securityGroupIds": [ec2.describe_security_groups()["SecurityGroups"][0]["GroupId"]],
    }
    made = client.create_compute_environment(
        computeEnvironmentName="shared", type="MANAGED", computeResources=resources
    )
    order = [{"order": 1, "computeEnvironment": made["computeEnvironmentArn"]}]
    client.create_job_queue(jobQueueName=QUEUE, state="ENABLED", priority=1, computeEnvironmentOrder=order)
    image = shared_box.push("good", {"greeting": "hello"})
    return Batch(shared_box, client, shared_box.client("logs"), image, eventually)


def shell(script: str) -> list[str]:
    return ["sh", "-c", script]


def test_a_job_that_ends_well_succeeds(batch: Batch) -> None:
    job = batch.ended(
        batch.submit(
            "good",
            shell("cat greeting; echo Ref::who $COLOR"),
            parameters={"who": "you"},
            containerOverrides={"environment": [{"name": "COLOR", "value": "green"}]},
        )
    )
    assert (job["status"], job["statusReason"]) == ("SUCCEEDED", "Essential container in task exited")
    assert job["container"]["exitCode"] == 0
    assert job["startedAt"] <= job["stoppedAt"]
    assert batch.lines(job) == ["environment is ready", "helloyou green"]


def test_a_job_passes_through_batchs_statuses_in_order(batch: Batch) -> None:
    job_id = batch.submit("steps", shell("sleep 0.3"))
    seen: list[str] = []
    while not seen or seen[-1] not in {"SUCCEEDED", "FAILED"}:
        seen.append(batch.job(job_id)["status"])
    assert [STEPS.index(status) for status in seen] == sorted(STEPS.index(status) for status in seen)
    assert {"RUNNING", "SUCCEEDED"} <= set(seen)


def test_log_lines_can_be_read_while_the_job_runs(batch: Batch) -> None:
    job_id = batch.submit("chatty", shell("echo first; sleep 30"))
    job = batch.reaches(job_id, "RUNNING")
    batch.eventually(lambda: "first" in batch.lines(job))
    assert batch.job(job_id)["status"] == "RUNNING"
    batch.client.terminate_job(jobId=job_id, reason="seen enough")
    batch.ended(job_id)


def test_logs_go_to_batchs_own_group_when_the_definition_names_none(batch: Batch) -> None:
    job = batch.ended(
        batch.submit("plain", shell("echo here"), properties={"logConfiguration": {"logDriver": "awslogs"}})
    )
    assert batch.lines(job, "/aws/batch/job")[-1] == "here"


def test_a_job_that_fails_tells_its_exit_code(batch: Batch) -> None:
    job = batch.ended(batch.submit("bad", shell("exit 7")))
    assert (job["status"], job["container"]["exitCode"], len(job["attempts"])) == ("FAILED", 7, 1)
    (summary,) = batch.client.list_jobs(jobQueue=QUEUE, filters=[{"name": "JOB_NAME", "values": ["bad"]}])[
        "jobSummaryList"
    ]
    assert summary["container"]["exitCode"] == 7
    assert summary["statusReason"] == "Essential container in task exited"


def test_a_failed_job_is_tried_again_and_may_succeed(batch: Batch) -> None:
    script = "echo attempt $AWS_BATCH_JOB_ATTEMPT of $AWS_BATCH_JOB_ID; test $AWS_BATCH_JOB_ATTEMPT = 2"
    job_id = batch.submit("second-time-lucky", shell(script), definition={"retryStrategy": {"attempts": 3}})
    job = batch.ended(job_id)
    assert job["status"] == "SUCCEEDED"
    assert [attempt["container"].get("exitCode") for attempt in job["attempts"]] == [1, 0]
    assert batch.lines(job)[-1] == f"attempt 2 of {job_id}"
    streams = {attempt["container"]["logStreamName"] for attempt in job["attempts"]}
    assert len(streams) == 2


def test_the_retry_strategy_of_a_submission_wins(batch: Batch) -> None:
    job_id = batch.submit(
        "resubmitted",
        shell("exit 7"),
        definition={"retryStrategy": {"attempts": 5}},
        retryStrategy={"attempts": 3, "evaluateOnExit": [{"onExitCode": "7", "action": "EXIT"}]},
    )
    assert len(batch.ended(job_id)["attempts"]) == 1


def test_an_image_that_is_not_there_fails_the_job(batch: Batch) -> None:
    missing = batch.image.replace(":good", ":nowhere")
    job = batch.ended(batch.submit("no-image", shell("true"), properties={"image": missing}))
    assert job["status"] == "FAILED"
    assert job["container"]["reason"].startswith("CannotPullContainerError: ")
    assert job["statusReason"] == job["container"]["reason"]
    assert "startedAt" not in job


def test_an_environment_that_cannot_be_made_fails_the_job_with_the_reason(batch: Batch) -> None:
    image = batch.box.push("unbuildable", {"unbuildable": ""})
    job = batch.ended(batch.submit("unbuildable", shell("true"), properties={"image": image}))
    assert job["statusReason"] == "requirements.txt asks for a package that does not exist"


def test_a_command_that_does_not_exist_fails_the_job(batch: Batch) -> None:
    job = batch.ended(batch.submit("no-command", ["no-such-command"]))
    assert job["container"]["reason"].startswith("CannotStartContainerError: ")


def test_a_job_that_takes_too_long_is_killed_and_not_tried_again(batch: Batch) -> None:
    strategy = {"timeout": {"attemptDurationSeconds": 1}, "retryStrategy": {"attempts": 3}}
    job = batch.ended(batch.submit("slow", shell("sleep 60"), definition=strategy))
    assert job["statusReason"] == "Job attempt duration exceeded timeout"
    assert (job["status"], job["container"]["exitCode"], len(job["attempts"])) == ("FAILED", 143, 1)


STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"


@pytest.mark.parametrize(
    ("name", "command", "exit_code"),
    [("obedient", shell("echo up; sleep 60 & sleep 60"), 143), ("stubborn", [sys.executable, "-c", STUBBORN], 137)],
)
def test_terminating_a_job_ends_everything_that_it_started(
    batch: Batch, name: str, command: list[str], exit_code: int
) -> None:
    job_id = batch.submit(name, command)
    batch.eventually(lambda: "up" in batch.lines(batch.reaches(job_id, "RUNNING")))
    batch.client.terminate_job(jobId=job_id, reason="asked by a person")
    job = batch.ended(job_id)
    assert (job["status"], job["statusReason"]) == ("FAILED", "asked by a person")
    assert job["container"]["exitCode"] == exit_code
    assert batch.box.children() == []


def test_what_a_job_leaves_behind_ends_with_it(batch: Batch) -> None:
    job = batch.ended(batch.submit("litter", shell("sleep 60 & echo done")))
    assert job["status"] == "SUCCEEDED"
    assert batch.box.children() == []


def test_two_jobs_run_at_a_time_and_the_third_can_be_cancelled_while_it_waits(batch: Batch) -> None:
    first, second, third = (batch.submit(f"parallel-{number}", shell("sleep 30")) for number in range(3))
    for job_id in (first, second):
        batch.reaches(job_id, "RUNNING")
    assert batch.reaches(third, "RUNNABLE")["status"] == "RUNNABLE"
    batch.client.cancel_job(jobId=third, reason="changed my mind")
    assert batch.ended(third)["statusReason"] == "changed my mind"
    for job_id in (first, second):
        batch.client.terminate_job(jobId=job_id, reason="test is over")
        batch.ended(job_id)


def test_a_job_waits_for_the_one_it_depends_on(batch: Batch) -> None:
    first = batch.submit("before", shell("sleep 0.3; exit 1"))
    second = batch.submit("after", shell("true"), dependsOn=[{"jobId": first}])
    assert batch.ended(second)["statusReason"] == "Dependent Job failed"
    assert batch.job(first)["status"] == "FAILED"


@pytest.mark.parametrize(
    ("values", "found"),
    [(["listed-a"], ["listed-a"]), (["LISTED-*"], ["listed-b", "listed-a"]), (["listed"], []), (["*ed-a"], [])],
)
def test_jobs_are_found_by_name_newest_first(batch: Batch, values: list[str], found: list[str]) -> None:
    for name in ("listed-a", "listed-b"):
        if not names(batch, [name]):
            batch.ended(batch.submit(name, shell("true")))
    assert names(batch, values) == found


def names(batch: Batch, values: list[str]) -> list[str]:
    pages = batch.client.get_paginator("list_jobs").paginate(
        jobQueue=QUEUE, filters=[{"name": "JOB_NAME", "values": values}], maxResults=1
    )
    return [job["jobName"] for page in pages for job in page["jobSummaryList"]]


def test_without_a_filter_only_running_jobs_are_listed(batch: Batch) -> None:
    batch.ended(batch.submit("over", shell("true")))
    assert batch.client.list_jobs(jobQueue=QUEUE)["jobSummaryList"] == []
    succeeded = batch.client.list_jobs(jobQueue=QUEUE, jobStatus="SUCCEEDED")["jobSummaryList"]
    assert "over" in [job["jobName"] for job in succeeded]


def test_a_queue_that_is_not_there_is_an_error(batch: Batch) -> None:
    with pytest.raises(ClientError, match=r"JobQueue nowhere not found\."):
        batch.client.list_jobs(jobQueue="nowhere")


def test_describing_a_job_twice_gives_the_same_environment(batch: Batch) -> None:
    job_id = batch.submit("same", shell("true"), properties={"environment": [{"name": "A", "value": "1"}]})
    batch.ended(job_id)
    assert batch.job(job_id)["container"]["environment"] == [{"name": "A", "value": "1"}]
    assert batch.job(job_id) == batch.job(job_id)


def test_more_jobs_than_aws_describes_at_once_are_refused(batch: Batch) -> None:
    with pytest.raises(ClientError, match="Up to 100 jobs"):
        batch.client.describe_jobs(jobs=["x"] * 101)


def test_a_deregistered_revision_is_not_the_newest_one(batch: Batch) -> None:
    batch.define("revised", shell("echo one"))
    newest = batch.define("revised", shell("echo two"))
    batch.client.deregister_job_definition(jobDefinition=newest)
    job_id = batch.client.submit_job(jobName="revised", jobQueue=QUEUE, jobDefinition="revised")["jobId"]
    assert batch.lines(batch.ended(job_id))[-1] == "one"


def test_changed_compute_resources_are_kept(batch: Batch) -> None:
    batch.client.update_compute_environment(computeEnvironment="shared", computeResources={"maxvCpus": 8})
    (environment,) = batch.client.describe_compute_environments(computeEnvironments=["shared"])["computeEnvironments"]
    assert environment["computeResources"]["maxvCpus"] == 8
    assert environment["computeResources"]["type"] == "FARGATE"
    assert environment["serviceRole"].endswith("/AWSServiceRoleForBatch")


def test_submitting_answers_at_once(batch: Batch) -> None:
    began = time.monotonic()
    job_id = batch.submit("quick", shell("sleep 5"))
    assert time.monotonic() - began < 1
    batch.client.terminate_job(jobId=job_id, reason="test is over")
    batch.ended(job_id)


@pytest.mark.parametrize(
    ("fault", "code", "reason", "status"),
    [
        (Fault(Kind.KILL_JOB, on="victim*"), 137, None, "Essential container in task exited"),
        (Fault(Kind.KILL_JOB, on="victim*", reason="OutOfMemoryError: x"), 137, "OutOfMemoryError: x", "Essential"),
        (Fault(Kind.RECLAIM, on="victim*"), None, None, "Host EC2 (instance i-0"),
    ],
    ids=["killed", "out of memory", "reclaimed"],
)
def test_an_attempt_that_a_fault_ends_is_tried_again(
    batch: Batch, fault: Fault, code: int | None, reason: str | None, status: str
) -> None:
    faults = Faults(batch.box.url, KEYS.access_key_id)
    faults.add(fault)
    script = "import os, time; time.sleep(0 if os.environ['AWS_BATCH_JOB_ATTEMPT'] == '2' else 60)"
    rules = [{"onStatusReason": "Host EC2*", "action": "RETRY"}, {"onExitCode": "137", "action": "RETRY"}]
    strategy = {"attempts": 3, "evaluateOnExit": rules}
    job = batch.ended(batch.submit("victim", [sys.executable, "-c", script], retryStrategy=strategy))
    faults.clear()
    first, second = job["attempts"]
    assert (first["container"].get("exitCode"), first["container"].get("reason")) == (code, reason)
    assert first["statusReason"].startswith(status)
    assert (job["status"], second["container"]["exitCode"]) == ("SUCCEEDED", 0)


def test_a_task_of_fargate_that_is_taken_back_says_so_in_fargates_words(batch: Batch) -> None:
    faults = Faults(batch.box.url, KEYS.access_key_id)
    faults.add(Fault(Kind.RECLAIM, on="taken*"))
    fargate = {"platformCapabilities": ["FARGATE"]}
    role = batch.box.client("iam").create_role(
        RoleName="tasks",
        AssumeRolePolicyDocument=policy(
            {
                "Effect": "Allow",
                "Principal": {"Service": "ecs-tasks.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ),
    )["Role"]["Arn"]
    batch.box.client("iam").put_role_policy(
        RoleName="tasks", PolicyName="may", PolicyDocument=policy({"Effect": "Allow", "Action": "*", "Resource": "*"})
    )
    job = batch.ended(
        batch.submit("taken", shell("sleep 60"), definition=fargate, properties={"executionRoleArn": role})
    )
    faults.clear()
    assert (job["status"], job["statusReason"]) == ("FAILED", "Your Spot Task was interrupted.")


def test_each_attempt_finds_the_variables_that_batch_sets(batch: Batch) -> None:
    script = "env | grep ^AWS_BATCH | sort; test $AWS_BATCH_JOB_ATTEMPT = 2"
    job_id = batch.submit("told", shell(script), definition={"retryStrategy": {"attempts": 2}})
    assert batch.lines(batch.ended(job_id))[-4:] == [
        "AWS_BATCH_CE_NAME=shared",
        "AWS_BATCH_JOB_ATTEMPT=2",
        f"AWS_BATCH_JOB_ID={job_id}",
        f"AWS_BATCH_JQ_NAME={QUEUE}",
    ]


def test_a_parameter_of_the_definition_stands_in_for_one_that_is_not_submitted(batch: Batch) -> None:
    given = {"parameters": {"run_id": "none"}}
    plain = batch.ended(batch.submit("by-the-clock", ["echo", "Ref::run_id"], definition=given))
    own = batch.ended(batch.submit("by-us", ["echo", "Ref::run_id"], definition=given, parameters={"run_id": "r1"}))
    assert [batch.lines(job)[-1] for job in (plain, own)] == ["none", "r1"]
