"""Batch jobs: finding, submitting and following them."""

import itertools
import json
import threading

import pytest
from botocore.exceptions import ReadTimeoutError
from moto.core.config import default_user_config

from reconciler.adapters.aws.jobanswers import attempt_reasons, log_streams, patience, reason, to_job
from reconciler.adapters.aws.joblogs import MOST_PAGES, JobLog
from reconciler.adapters.aws.jobs import LISTING_POLLS, BatchJobs
from reconciler.core.observed import Job, JobStatus
from reconciler.errors import AnswerLost, AwsFailed, Interrupted, ReadFailed, TimedOut

QUEUE = "acme-prod-fargate"
DEFINITION = "acme-prod-churn"
JOB = "acme-prod-churn-0123456789ab"


@pytest.fixture
def batch(aws, monkeypatch):
    """An account with a queue, whose jobs succeed at once wherever there is Docker or none."""
    monkeypatch.setitem(default_user_config["batch"], "use_docker", False)
    trust = {"Version": "2012-10-17", "Statement": []}
    role = aws.client("iam").create_role(RoleName="batch", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    client = aws.client("batch")
    client.create_compute_environment(
        computeEnvironmentName="compute", type="UNMANAGED", state="ENABLED", serviceRole=role
    )
    order = [{"order": 1, "computeEnvironment": "compute"}]
    client.create_job_queue(jobQueueName=QUEUE, state="ENABLED", priority=1, computeEnvironmentOrder=order)
    return client


@pytest.fixture
def define(batch):
    def register(command: str) -> int:
        container = {"image": "busybox", "vcpus": 1, "memory": 128, "command": [command, "Ref::run_id"]}
        answer = batch.register_job_definition(
            jobDefinitionName=DEFINITION, type="container", containerProperties=container
        )
        return answer["revision"]

    return register


def test_a_job_runs_the_newest_revision_with_its_parameters(aws, batch, cancel, define):
    define("old")
    newest = define("new")
    job_id = BatchJobs(aws, cancel, tags={"owner": "us"}).submit(JOB, QUEUE, DEFINITION, {"run_id": "r1"})
    job = batch.describe_jobs(jobs=[job_id])["jobs"][0]
    assert job["jobDefinition"].endswith(f"{DEFINITION}:{newest}")
    assert job["parameters"] == {"run_id": "r1"}
    assert job["jobName"] == JOB
    assert job["tags"]["owner"] == "us"


def test_jobs_are_found_by_the_start_of_their_name_newest_first(aws, cancel, define):
    define("new")
    jobs = BatchJobs(aws, cancel)
    first = jobs.submit(JOB, QUEUE, DEFINITION, {})
    second = jobs.submit(f"{JOB}-again", QUEUE, DEFINITION, {})
    jobs.submit("acme-production", QUEUE, DEFINITION, {})
    jobs.submit("ACME-PROD-shouted", QUEUE, DEFINITION, {})
    found = jobs.find((QUEUE,), "acme-prod-")
    assert {job.id for _, job in found} == {first, second}
    assert {name for name, _ in found} == {JOB, f"{JOB}-again"}
    assert [job.created for _, job in found] == sorted((job.created for _, job in found), reverse=True)


def test_a_queue_that_does_not_exist_holds_no_jobs(aws, cancel):
    assert BatchJobs(aws, cancel).find(("nowhere", "nowhere-else"), "acme-prod-") == ()


def test_without_a_definition_nothing_is_submitted(aws, batch, cancel):
    with pytest.raises(AwsFailed, match=f"no active job definition {DEFINITION}") as raised:
        BatchJobs(aws, cancel).submit(JOB, QUEUE, DEFINITION, {})
    assert "reconcile" in raised.value.remedy
    assert BatchJobs(aws, cancel).find((QUEUE,), "acme") == ()


def test_a_deregistered_revision_is_not_used(aws, batch, cancel, define):
    define("old")
    batch.deregister_job_definition(jobDefinition=f"{DEFINITION}:{define('new')}")
    job_id = BatchJobs(aws, cancel).submit(JOB, QUEUE, DEFINITION, {})
    assert batch.describe_jobs(jobs=[job_id])["jobs"][0]["jobDefinition"].endswith(f"{DEFINITION}:1")


def test_submitting_to_a_queue_that_does_not_exist_says_so(aws, cancel, define):
    define("new")
    with pytest.raises(AwsFailed, match=r"could not submit job .* to queue nowhere: .*does not exist"):
        BatchJobs(aws, cancel).submit(JOB, "nowhere", DEFINITION, {})


def test_a_job_that_has_ended_stays_as_it_is_when_stopped(aws, cancel, define):
    define("new")
    jobs = BatchJobs(aws, cancel)
    job_id = jobs.submit(JOB, QUEUE, DEFINITION, {})
    before = jobs.find((QUEUE,), JOB)
    jobs.terminate(job_id, "not wanted any more")
    assert [job.status for _, job in before] == [JobStatus.SUCCEEDED]
    assert jobs.find((QUEUE,), JOB) == before


def test_a_job_that_may_not_be_stopped_says_so(fake_aws, script, pages, cancel, fault):
    batch = Batch(pages)
    batch.terminate_job = script([fault("AccessDeniedException", operation="TerminateJob")])
    with pytest.raises(AwsFailed, match="could not stop job j1: access denied to TerminateJob"):
        BatchJobs(fake_aws(batch=batch), cancel).terminate("j1", "not wanted")
    assert batch.terminate_job.calls == [{"jobId": "j1", "reason": "not wanted"}]


def answer(status: str, **more) -> dict:
    return {"jobId": "j1", "jobName": JOB, "createdAt": 5, "status": status, "jobDefinition": "d:1", **more}


@pytest.mark.parametrize("status", ["SUBMITTED", "PENDING", "RUNNABLE", "STARTING", "RUNNING", "SOMETHING_NEW"])
def test_a_job_that_has_not_ended_is_active(status):
    assert to_job(answer(status)) == Job("j1", "", "", JobStatus.ACTIVE, 5)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, ""),
        ({"statusReason": "Essential container in task exited"}, "Essential container in task exited"),
        ({"statusReason": "Exited", "container": {"exitCode": 1}}, "Exited; exit code 1"),
        (
            {"statusReason": "Task failed to start", "container": {"reason": "CannotPullContainerError: not found"}},
            "CannotPullContainerError: not found; Task failed to start",
        ),
        ({"statusReason": "Same", "container": {"reason": "Same", "exitCode": 137}}, "Same; exit code 137"),
    ],
)
def test_the_reason_of_a_failure_is_everything_that_batch_knows(more, expected):
    assert reason(answer("FAILED", **more)) == expected
    assert to_job(answer("FAILED", **more)).reason == expected


def test_a_success_needs_no_reason():
    succeeded = answer("SUCCEEDED", statusReason="Essential container in task exited")
    assert to_job(succeeded) == Job("j1", "", "", JobStatus.SUCCEEDED, 5)


def test_attempts_are_told_by_stream_and_by_failure():
    first = {"container": {"logStreamName": "s/1", "exitCode": 3}, "statusReason": "Exited", "stoppedAt": 1}
    second = {"container": {"logStreamName": "s/2", "exitCode": 0}, "statusReason": "Exited", "stoppedAt": 2}
    running = {"container": {}}
    job = answer("RUNNING", attempts=[first, second, running], container={"logStreamName": "s/2"})
    assert log_streams(job) == ("s/1", "s/2")
    assert attempt_reasons(job) == ("Exited; exit code 3", "")


class QueueListing:
    """DescribeJobQueues: those that are asked for are there, unless it is said which are."""

    def __init__(self, queues=None):
        self._queues = queues

    def paginate(self, *, jobQueues):  # noqa: N803 - boto3's
        status = dict.fromkeys(jobQueues, "VALID") if self._queues is None else self._queues
        found = [{"jobQueueName": name, "status": status[name]} for name in jobQueues if name in status]
        return [{"jobQueues": found[:1]}, {"jobQueues": found[1:]}]


class Batch:
    """A client with what the tests of submitting and following need."""

    def __init__(self, pages, jobs=None, submit=None, listing=None, queues=None):
        container = {"logConfiguration": {"options": {"awslogs-group": "/acme/churn"}}}
        definitions = {"jobDefinitions": [{"revision": 1, "containerProperties": container}]}
        self._pages = {
            "describe_job_definitions": pages(definitions),
            "describe_job_queues": QueueListing(queues),
            "list_jobs": listing,
        }
        self._definitions = definitions
        self.describe_jobs = jobs
        self.submit_job = submit

    def get_paginator(self, operation):
        return self._pages[operation]

    def describe_job_definitions(self, **_request):
        return self._definitions


class Logs:
    """Log streams that grow while they are read; the token is how many lines were read."""

    def __init__(self, **streams):
        self.groups = set()
        self._streams = streams

    def get_log_events(self, *, logGroupName, logStreamName, nextToken="0", **_request):  # noqa: N803 - boto3's
        self.groups.add(logGroupName)
        lines = self._streams[logStreamName]
        if isinstance(lines, Exception):
            raise lines
        start = int(nextToken)
        events = [{"message": line} for line in lines[start : start + 2]]
        return {"events": events, "nextForwardToken": str(start + len(events))}


def test_a_job_is_followed_to_its_end_line_by_line(fake_aws, pages, script, cancel, said):
    stream = {"container": {"logStreamName": "s1"}}
    jobs = script(
        [
            {"jobs": [answer(*one[:1], **one[1])]}
            for one in [("RUNNABLE", {}), ("RUNNING", stream), ("SUCCEEDED", stream)]
        ]
    )
    logs = Logs(s1=["one", "two\nthree", "four"])
    aws = fake_aws(batch=Batch(pages, jobs), logs=logs)
    assert BatchJobs(aws, cancel, poll=0).wait("j1", said.append).status is JobStatus.SUCCEEDED
    assert said == [
        f"job {JOB} is RUNNABLE",
        f"job {JOB} is RUNNING",
        "one",
        "two",
        "three",
        "four",
        f"job {JOB} is SUCCEEDED",
    ]
    assert logs.groups == {"/acme/churn"}


def test_a_second_attempt_is_announced_and_read_from_its_own_stream(fake_aws, pages, script, cancel, said):
    failed = {"container": {"logStreamName": "s1", "exitCode": 1}, "statusReason": "Exited", "stoppedAt": 1}
    again = {"attempts": [failed], "container": {"logStreamName": "s2"}}
    gone = {"attempts": [failed, {**failed, "container": {"logStreamName": "s2", "exitCode": 2}}]}
    jobs = script(
        [{"jobs": [one]} for one in [answer("RUNNING", **again), answer("FAILED", statusReason="Exited", **gone)]]
    )
    aws = fake_aws(batch=Batch(pages, jobs), logs=Logs(s1=["first"], s2=["second"]))
    job = BatchJobs(aws, cancel, poll=0).wait("j1", said.append)
    assert (job.status, job.reason) == (JobStatus.FAILED, "Exited")
    assert said == [
        f"job {JOB} is RUNNING",
        "first",
        "second",
        "attempt 1 failed: Exited; exit code 1",
        "attempt 2 failed: Exited; exit code 2",
        f"job {JOB} is FAILED",
    ]


def test_the_last_lines_of_a_failed_job_are_waited_for(fake_aws, pages, script, cancel, said):
    jobs = script([{"jobs": [answer("FAILED", container={"logStreamName": "s1"})]}])
    lines: list[str] = []
    logs = Logs(s1=lines)
    original = cancel.wait
    cancel.wait = lambda timeout=None: lines.append("Traceback") or original(0)
    BatchJobs(fake_aws(batch=Batch(pages, jobs), logs=logs), cancel).wait("j1", said.append)
    assert said == [f"job {JOB} is FAILED", "Traceback"]


def test_a_log_that_does_not_exist_yet_is_no_error(fake_aws, pages, script, cancel, said, fault):
    jobs = script([{"jobs": [answer("SUCCEEDED", container={"logStreamName": "s1"})]}])
    aws = fake_aws(batch=Batch(pages, jobs), logs=Logs(s1=fault("ResourceNotFoundException", operation="GetLogEvents")))
    BatchJobs(aws, cancel).wait("j1", said.append)
    assert said == [f"job {JOB} is SUCCEEDED"]


def test_a_log_that_may_not_be_read_is_an_error(fake_aws, pages, script, cancel, said, fault):
    jobs = script([{"jobs": [answer("RUNNING", container={"logStreamName": "s1"})]}])
    aws = fake_aws(batch=Batch(pages, jobs), logs=Logs(s1=fault("AccessDeniedException", operation="GetLogEvents")))
    with pytest.raises(ReadFailed, match="/acme/churn/s1: access denied to GetLogEvents"):
        BatchJobs(aws, cancel).wait("j1", said.append)


def test_a_log_that_never_ends_lets_its_reader_go(script):
    class Endless:
        calls = 0

        def get_log_events(self, **_request):
            self.calls += 1
            return {"events": [{"message": "again"}], "nextForwardToken": str(self.calls)}

    assert len(list(JobLog(Endless(), "g").new_lines("s"))) == MOST_PAGES


def test_a_job_is_waited_for_as_long_as_it_may_take_and_no_longer(fake_aws, pages, script, cancel, said):
    limits = {"timeout": {"attemptDurationSeconds": 3600}, "retryStrategy": {"attempts": 2}}
    aws = fake_aws(batch=Batch(pages, script([{"jobs": [answer("RUNNABLE", **limits)]}])), logs=Logs())
    hours = itertools.count(0, 3600)
    with pytest.raises(TimedOut, match="job j1 is still RUNNABLE after 26 hours"):
        BatchJobs(aws, cancel, poll=0, clock=lambda: next(hours)).wait("j1", said.append)


@pytest.mark.parametrize(
    ("more", "hours"), [({}, 48), ({"timeout": {"attemptDurationSeconds": 7200}, "retryStrategy": {"attempts": 3}}, 30)]
)
def test_a_job_has_the_time_of_its_attempts_and_a_day_in_the_queue(more, hours):
    assert patience(answer("RUNNING", **more)) == hours * 3600


def test_queues_are_waited_for_an_hour(fake_aws, pages, cancel, said):
    aws = fake_aws(batch=Batch(pages, listing=pages({"jobSummaryList": [answer("RUNNING")]})))
    hours = itertools.count(0, 1801)
    with pytest.raises(TimedOut, match=f"1 job.* not ended after an hour: {JOB}"):
        BatchJobs(aws, cancel, poll=0, clock=lambda: next(hours)).drain((QUEUE,), said.append)


def test_waiting_can_be_interrupted(fake_aws, pages, script, said):
    cancel = threading.Event()
    aws = fake_aws(batch=Batch(pages, script([{"jobs": [answer("RUNNABLE")]}])), logs=Logs())
    threading.Timer(0.1, cancel.set).start()
    with pytest.raises(Interrupted, match="stopped waiting for job j1"):
        BatchJobs(aws, cancel, poll=60).wait("j1", said.append)


def test_a_job_that_batch_forgot_is_an_error(fake_aws, pages, script, cancel, said):
    aws = fake_aws(batch=Batch(pages, script([{"jobs": []}])), logs=Logs())
    with pytest.raises(ReadFailed, match="Batch knows no job j1"):
        BatchJobs(aws, cancel).wait("j1", said.append)


@pytest.mark.parametrize(
    "lost", [("InternalError", "", {"HTTPStatusCode": 500}), ReadTimeoutError(endpoint_url="https://batch")], ids=str
)
def test_a_submission_without_a_clear_answer_says_so(fake_aws, pages, script, cancel, fault, lost):
    error = fault(lost[0], ResponseMetadata=lost[2]) if isinstance(lost, tuple) else lost
    submit = script([error, {"jobId": "j2"}])
    with pytest.raises(AnswerLost, match="did not say whether it took job"):
        BatchJobs(fake_aws(batch=Batch(pages, submit=submit)), cancel, poll=0).submit(JOB, QUEUE, "d", {})
    assert len(submit.calls) == 1


class Listings:
    """ListJobs, one listing after another; the clock moves on by a poll with each."""

    def __init__(self, *listings):
        self.now = 1000.0
        self.asked = 0
        self._listings = listings

    def paginate(self, **_request):
        listed = self._listings[min(self.asked, len(self._listings) - 1)]
        self.asked += 1
        self.now += 5
        return [{"jobSummaryList": listed}]


@pytest.fixture
def listings(fake_aws, pages, cancel):
    """Batch that lists so, and a port whose pauses take no time."""
    cancel.wait = lambda _seconds: False

    def make(*answers):
        told = Listings(*answers)
        return told, BatchJobs(fake_aws(batch=Batch(pages, listing=told)), cancel, poll=5, clock=lambda: told.now)

    return make


def test_a_job_that_was_just_submitted_is_waited_for_until_it_is_listed(listings, said):
    told, jobs = listings([], [], [answer("RUNNING", jobName=f"{JOB}-other", jobId="x"), answer("RUNNING")])
    found = jobs.seek((QUEUE,), JOB, (), 1_000_000, said.append)
    assert (found and found.id, told.asked) == ("j1", 3)
    assert said == [f"looking for job {JOB}, which may have been submitted a moment ago"]


def test_a_job_that_ended_before_is_not_the_one(listings, said):
    _, jobs = listings([answer("FAILED"), answer("SUCCEEDED", jobId="old")])
    assert jobs.seek((QUEUE,), JOB, ("j1", "old"), 0, said.append) is None
    found = jobs.seek((QUEUE,), JOB, ("old",), 0, said.append)
    assert found == Job("j1", "", "", JobStatus.FAILED, 5)


def test_a_job_is_looked_for_a_minute_and_no_longer(listings, said):
    told, jobs = listings([])
    assert jobs.seek((QUEUE,), JOB, (), 1_000_000, said.append) is None
    assert told.asked == LISTING_POLLS
    assert jobs.seek((QUEUE,), JOB, (), 0, said.append) is None
    assert told.asked == LISTING_POLLS + 1


def test_looking_for_a_job_can_be_interrupted(listings, said, cancel):
    _, jobs = listings([])
    cancel.wait = lambda _seconds: True
    with pytest.raises(Interrupted, match=f"stopped looking for job {JOB}"):
        jobs.seek((QUEUE,), JOB, (), 1_000_000, said.append)


def test_every_page_of_every_queue_is_read(fake_aws, pages, script, cancel):
    listing = pages({"jobSummaryList": [answer("RUNNING")]}, {"jobSummaryList": [answer("FAILED", jobId="j2")]})
    # The listing is the same for both queues.
    listing_of_both = BatchJobs(fake_aws(batch=Batch(pages, listing=listing)), cancel).find(("q1", "q2"), "acme-")
    assert [job.id for _, job in listing_of_both] == ["j1", "j1", "j2", "j2"]
    assert [request["jobQueue"] for request in listing.requests] == ["q1", "q2"]
    assert listing.requests[0]["filters"] == [{"name": "JOB_NAME", "values": ["acme-*"]}]


def test_only_queues_that_are_there_are_listed(fake_aws, pages, cancel):
    listing = pages({"jobSummaryList": [answer("RUNNING")]})
    there = {"q2": "VALID", "q3": "DELETED", "q4": "DELETING"}
    aws = fake_aws(batch=Batch(pages, listing=listing, queues=there))
    BatchJobs(aws, cancel).find(("q1", "q2", "q3", "q4"), "acme-")
    assert [request["jobQueue"] for request in listing.requests] == ["q2", "q4"]


NO_QUEUE = [
    ("ClientException", "JobQueue q1 not found."),  # AWS's own, of SubmitJob
    ("ClientException", "Job queue q1 does not exist"),  # moto's
    ("ClientException", "Invalid filter"),
    ("AccessDeniedException", "no"),
]


@pytest.mark.parametrize("error", NO_QUEUE)
def test_no_sentence_about_a_queue_that_is_there_makes_it_an_empty_one(fake_aws, pages, cancel, fault, error):
    listing = pages(fault(*error, operation="ListJobs"))
    with pytest.raises(ReadFailed, match="the jobs of queue q1"):
        BatchJobs(fake_aws(batch=Batch(pages, listing=listing)), cancel).find(("q1",), "acme-")


@pytest.mark.parametrize("error", NO_QUEUE)
def test_no_sentence_about_a_queue_that_is_not_there_is_ever_heard(fake_aws, pages, cancel, fault, error):
    listing = pages(fault(*error, operation="ListJobs"))
    aws = fake_aws(batch=Batch(pages, listing=listing, queues={}))
    assert BatchJobs(aws, cancel).find(("q1",), "acme-") == ()


@pytest.mark.parametrize("error", [("ClientException", "Invalid filter"), ("AccessDeniedException", "no")])
def test_half_a_listing_fails_the_read(fake_aws, pages, cancel, fault, error):
    listing = pages({"jobSummaryList": [answer("RUNNING")]}, fault(*error, operation="ListJobs"))
    with pytest.raises(ReadFailed, match="the jobs of queue q1"):
        BatchJobs(fake_aws(batch=Batch(pages, listing=listing)), cancel).find(("q1",), "acme-")


class Queues(BatchJobs):
    """Queues whose jobs end one at a time, each time that somebody looks."""

    def __init__(self, aws, cancel, *left):
        super().__init__(aws, cancel, poll=0.01)
        self.left = list(left)

    def find(self, queues, prefix):
        found = tuple((name, Job(name, "", "", JobStatus.ACTIVE, 0)) for name in self.left)
        self.left = self.left[1:]
        return found


def test_queues_are_drained_once_their_last_job_has_ended(aws, cancel):
    said = []
    Queues(aws, cancel, "a", "b").drain([QUEUE], said.append)
    assert said == ["waiting for 2 job(s) to end: a, b", "waiting for 1 job(s) to end: b"]


def test_waiting_for_queues_to_empty_can_be_stopped(aws, cancel):
    cancel.set()
    with pytest.raises(Interrupted, match="stopped waiting for the queues"):
        Queues(aws, cancel, "a").drain([QUEUE], [].append)


def test_queues_that_do_not_exist_are_drained(aws, cancel):
    BatchJobs(aws, cancel).drain(["no-such-queue"], [].append)
