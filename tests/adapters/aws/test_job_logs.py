"""The end of a failed job's log: of which attempt, and how much of it."""

import pytest

from reconciler.adapters.aws.jobanswers import failed_stream, to_job
from reconciler.adapters.aws.joblogs import FEW_PAGES, JobLog
from reconciler.adapters.aws.jobs import BatchJobs
from reconciler.errors import ReadFailed

REQUEST = {"logGroupName": "/acme/churn", "logStreamName": "s2", "startFromHead": False}
FAILED = {"jobId": "j1", "jobName": "n", "createdAt": 5, "status": "FAILED", "jobDefinition": "d:1", "stoppedAt": 9}


def attempt(stream, code=None):
    container = {"logStreamName": stream, **({} if code is None else {"exitCode": code})}
    return {"container": container, "stoppedAt": 1}


class Batch:
    def __init__(self, job):
        self._job = job

    def describe_jobs(self, *, jobs):
        return {"jobs": [self._job]}

    def describe_job_definitions(self, **_request):
        options = {"logConfiguration": {"options": {"awslogs-group": "/acme/churn"}}}
        return {"jobDefinitions": [{"containerProperties": options}]}


class Logs:
    def __init__(self, answers):
        self.get_log_events = answers


@pytest.fixture
def tail(fake_aws, script, cancel):
    """The end of a job's log, and what CloudWatch was asked for."""

    def read(job, *pages):
        answers = script(list(pages))
        aws = fake_aws(batch=Batch({**FAILED, **job}), logs=Logs(answers))
        return BatchJobs(aws, cancel).log_tail("j1"), answers.calls

    return read


def page(*lines, back="b"):
    events = [{"message": line} for line in lines]
    return {"events": events, "nextBackwardToken": back, "nextForwardToken": "f"}


def test_the_last_lines_of_the_newest_failed_attempt_are_read_from_the_end(tail):
    job = {"attempts": [attempt("s1"), attempt("s2", 1)], "container": {"logStreamName": "s2"}}
    lines = [f"line {number}" for number in range(40)]
    said, asked = tail(job, page(*lines, "", "ValueError: age\n\n"))
    assert said.splitlines() == [*lines[-14:], "ValueError: age"]
    assert asked == [REQUEST]


def test_an_empty_page_is_not_the_end_of_the_log(tail):
    job = {"container": {"logStreamName": "s2"}}
    said, asked = tail(job, page(back="x"), page("ValueError: age"))
    assert (said, asked) == ("ValueError: age", [REQUEST, {**REQUEST, "nextToken": "x"}])


def test_a_log_that_stays_empty_is_asked_for_a_few_times_and_no_more(script):
    answers = script([page(back=f"b{number}") for number in range(FEW_PAGES + 1)])
    assert JobLog(Logs(answers), "g").tail("s") == ""
    assert len(answers.calls) == FEW_PAGES


def test_the_same_token_again_says_that_nothing_lies_before(script):
    answers = script([page(), page()])
    assert JobLog(Logs(answers), "g").tail("s") == ""
    assert len(answers.calls) == 2


def test_a_job_that_never_began_has_no_log(tail):
    assert tail({}) == ("", [])


def test_a_log_that_is_gone_is_empty_and_one_that_may_not_be_read_is_an_error(tail, fault):
    job = {"container": {"logStreamName": "s2"}}
    assert tail(job, fault("ResourceNotFoundException", operation="GetLogEvents"))[0] == ""
    with pytest.raises(ReadFailed, match="/acme/churn/s2: access denied to GetLogEvents"):
        tail(job, fault("AccessDeniedException", operation="GetLogEvents"))


@pytest.mark.parametrize(
    ("attempts", "stream"),
    [([], ""), ([attempt("s1", 1)], "s1"), ([attempt("s1"), attempt("s2", 0)], "s1"), ([attempt("s1"), {}], "s1")],
)
def test_the_stream_of_an_attempt_that_succeeded_says_nothing_of_a_failure(attempts, stream):
    assert failed_stream({**FAILED, "attempts": attempts}) == stream


def test_when_a_job_ended_is_told_with_it():
    assert (to_job(FAILED).stopped, to_job({**FAILED, "stoppedAt": None}).stopped) == (9, 0)
