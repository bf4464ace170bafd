"""Logs for a person: a job's with its attempts, and those of the instances behind an endpoint."""

import threading
from itertools import count

import pytest

from reconciler.adapters.aws.jobanswers import Attempt, attempts_of
from reconciler.adapters.aws.joblogs import MOST_PAGES
from reconciler.adapters.aws.logs import CloudWatchLogs
from reconciler.core.logs import LogLine, LogNote, chosen_job
from reconciler.core.observed import Job, JobStatus
from reconciler.errors import Interrupted, ReadFailed

JOB = "acme-prod-churn-0123456789ab"
GROUP = "/acme/prod/churn/training"
NO_LINE = f"no line of attempt 1 is in {GROUP}, stream s1: it wrote none, or they are older than the group keeps them"
OUTPUT = {"logConfiguration": {"options": {"awslogs-group": GROUP}}}


def answer(status: str, **more) -> dict:
    return {"jobId": "j1", "jobName": JOB, "createdAt": 5, "status": status, "jobDefinition": "d:1", **more}


def attempt(stream: str, code: int | None = 1, **more) -> dict:
    container = {"logStreamName": stream, **({} if code is None else {"exitCode": code})}
    return {"container": container, **({} if code is None else {"stoppedAt": 1, "statusReason": "Exited"}), **more}


TWICE = {"attempts": [attempt("s1"), attempt("s2", 2)], "container": {"logStreamName": "s2", "exitCode": 2}}
RUNNING = {"container": {"logStreamName": "s1"}}


class Batch:
    """Answers about one job, one after another; the last stays."""

    def __init__(self, *answers: dict) -> None:
        self._answers = list(answers)

    def describe_jobs(self, **_request) -> dict:
        return {"jobs": [self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]]}

    def describe_job_definitions(self, **_request) -> dict:
        return {"jobDefinitions": [{"containerProperties": OUTPUT}]}


class Written:
    """CloudWatch with these streams: lines, or (time, line), two on a page."""

    def __init__(self, streams: dict, broken: Exception | None = None) -> None:
        self.streams = streams
        self.broken = broken

    def describe_log_streams(self, **_request) -> dict:
        if self.broken:
            raise self.broken
        return {"logStreams": [{"logStreamName": name} for name in self.streams]}

    def get_log_events(self, *, logStreamName, nextToken="", startFromHead=False, **_request) -> dict:  # noqa: N803
        if self.broken:
            raise self.broken
        events = [
            {"timestamp": one[0], "message": one[1]}
            if isinstance(one, tuple)
            else {"timestamp": number, "message": one}
            for number, one in enumerate(self.streams[logStreamName])
        ]
        start = int(nextToken) if nextToken else 0 if startFromHead else max(0, len(events) - 2)
        page = events[start : start + 2]
        return {"events": page, "nextForwardToken": str(start + len(page)), "nextBackwardToken": str(max(0, start - 2))}


@pytest.fixture
def logs(fake_aws, cancel):
    def make(batch: Batch | None = None, **streams: list) -> CloudWatchLogs:
        return CloudWatchLogs(fake_aws(batch=batch, logs=Written(streams)), cancel, poll=0)

    return make


def told(events) -> list[str]:
    return [str(one) if isinstance(one, LogLine) else f"({one.text})" for one in events]


ENDED = f"(job {JOB} (j1) is FAILED)"


def test_every_attempt_of_a_job_is_told_apart_with_the_reason_of_its_end(logs):
    made = logs(Batch(answer("FAILED", **TWICE)), s1=["one", "two", "three"], s2=["four\nfive"])
    first = ["(attempt 1:)", "one", "two", "three", "(attempt 1 failed: Exited; exit code 1)"]
    second = ["(attempt 2:)", "four", "five", "(attempt 2 failed: Exited; exit code 2)"]
    assert told(made.of_job("j1", None, follow=False)) == [*first, *second, ENDED]


def test_one_attempt_alone_is_shown_when_it_is_asked_for(logs):
    made = logs(Batch(answer("FAILED", **TWICE)), s1=["one"], s2=["four"])
    shown = told(made.of_job("j1", 1, follow=False))
    assert [line for line in shown if not line.startswith("(")] == ["one"]


@pytest.mark.parametrize("follow", [False, True])
def test_an_attempt_that_was_never_made_is_an_error_with_how_many_there_are(logs, follow):
    made = logs(Batch(answer("FAILED", **TWICE)), s1=[], s2=[])
    with pytest.raises(ReadFailed, match=f"there is no attempt 3 of job {JOB}: it has made 2 attempts") as raised:
        list(made.of_job("j1", 3, follow=follow))
    assert "--attempt" in raised.value.remedy


def test_a_log_longer_than_a_follower_takes_at_once_is_shown_whole(logs):
    lines = [f"line {n}" for n in range(2 * MOST_PAGES + 7)]
    shown = told(logs(Batch(answer("SUCCEEDED", **RUNNING)), s1=lines).of_job("j1", None, follow=False))
    assert shown[:-1] == lines


@pytest.mark.parametrize(
    ("state", "streams", "note"),
    [
        (answer("RUNNABLE"), {}, "no attempt has begun, so there is no log yet; --follow waits for it"),
        (answer("FAILED"), {}, "no attempt has begun, so there is no log"),
        (answer("RUNNING", **RUNNING), {"s1": []}, "attempt 1 has written nothing yet; --follow waits for it"),
        (
            answer("FAILED", attempts=[{"container": {"reason": "CannotPullContainerError"}, "stoppedAt": 1}]),
            {},
            "attempt 1 has no log: its container did not start",
        ),
        (
            answer("FAILED", attempts=[attempt("s1")]),
            {"s1": []},
            NO_LINE,
        ),
    ],
    ids=["waits", "over", "silent", "never started", "grown old"],
)  # fmt: skip
def test_why_there_is_no_line_is_told(logs, state, streams, note):
    assert f"({note})" in told(logs(Batch(state), **streams).of_job("j1", None, follow=False))


def test_a_stream_that_is_not_there_is_no_error_and_one_that_may_not_be_read_is(fake_aws, cancel, fault):
    batch = Batch(answer("FAILED", attempts=[attempt("s1")]))
    gone = Written({}, fault("ResourceNotFoundException", operation="GetLogEvents"))
    shown = told(CloudWatchLogs(fake_aws(batch=batch, logs=gone), cancel).of_job("j1", None, follow=False))
    assert any("no line of attempt 1" in line for line in shown)
    denied = Written({}, fault("AccessDeniedException", operation="GetLogEvents"))
    with pytest.raises(ReadFailed, match="access denied to GetLogEvents"):
        list(CloudWatchLogs(fake_aws(batch=batch, logs=denied), cancel).of_job("j1", None, follow=False))


def test_a_job_is_followed_to_its_end_and_its_last_lines_are_waited_for(fake_aws, cancel):
    written = Written({"s1": ["one"]})
    batch = Batch(
        answer("RUNNABLE"), answer("RUNNING", **RUNNING), answer("RUNNING", **RUNNING), answer("FAILED", **RUNNING)
    )
    steps, wait = count(1), cancel.wait
    cancel.wait = lambda _seconds: written.streams["s1"].append(f"pause {next(steps)}") or wait(0)
    shown = told(CloudWatchLogs(fake_aws(batch=batch, logs=written), cancel, poll=0).of_job("j1", None, follow=True))
    assert shown == [
        f"(job {JOB} (j1) is RUNNABLE)",
        f"(job {JOB} (j1) is RUNNING)",
        "one",
        "pause 1",
        "pause 2",
        "pause 3",
        ENDED,
        "pause 4",
    ]


def test_one_attempt_is_followed_to_its_own_end(fake_aws, cancel):
    going_on = {"attempts": [attempt("s1")], "container": {"logStreamName": "s2"}}
    batch = Batch(answer("RUNNING", **RUNNING), answer("RUNNING", **going_on))
    made = CloudWatchLogs(fake_aws(batch=batch, logs=Written({"s1": ["one"], "s2": ["two"]})), cancel, poll=0)
    shown = told(made.of_job("j1", 1, follow=True))
    assert "one" in shown
    assert "two" not in shown
    assert shown[-1] == "(attempt 1 failed: Exited; exit code 1)"


def test_following_can_be_interrupted_and_the_job_goes_on(fake_aws):
    cancel = threading.Event()
    made = CloudWatchLogs(fake_aws(batch=Batch(answer("RUNNING")), logs=Written({})), cancel, poll=60)
    threading.Timer(0.1, cancel.set).start()
    with pytest.raises(Interrupted, match="stopped following job j1, which goes on"):
        list(made.of_job("j1", None, follow=True))


@pytest.mark.parametrize(
    ("state", "found"),
    [
        (answer("RUNNABLE"), ()),
        (answer("RUNNING", **RUNNING), (Attempt(1, "s1", False, ""),)),
        (
            answer("FAILED", **TWICE),
            (Attempt(1, "s1", True, "Exited; exit code 1"), Attempt(2, "s2", True, "Exited; exit code 2")),
        ),
        (
            answer("RUNNING", attempts=[attempt("s1"), attempt("s2", None)], container={"logStreamName": "s2"}),
            (Attempt(1, "s1", True, "Exited; exit code 1"), Attempt(2, "s2", False, "")),
        ),
        (answer("SUCCEEDED", attempts=[attempt("s1", 0)], **RUNNING), (Attempt(1, "s1", True, ""),)),
    ],
)  # fmt: skip
def test_attempts_are_counted_with_the_one_that_is_not_listed_yet(state, found):
    assert attempts_of(state) == found


def test_lines_of_several_instances_are_told_in_the_order_of_their_times_with_their_names(logs):
    made = logs(**{"live/i-2": [(1, "early"), (3, "late"), (5, "last")], "live/i-1": [(2, "first"), (4, "then\nmore")]})
    assert told(made.of_streams(GROUP, 5, follow=False)) == [
        "i-1  first", "i-2  late", "i-1  then", "i-1  more", "i-2  last"
    ]  # fmt: skip
    assert told(made.of_streams(GROUP, 1, follow=False)) == ["late", "last"]


def test_an_instance_that_comes_later_is_followed_from_its_first_line(fake_aws, cancel):
    written = Written({"live/i-1": [(1, "one"), (2, "two"), (3, "three")]})
    turns = iter([{"live/i-2": [(4, "a"), (5, "b"), (6, "c")]}, {}, {}])

    def wait(_seconds: float) -> bool:
        new = next(turns, None)
        if new is None:
            return True
        written.streams |= new
        written.streams["live/i-1"].append((9, "more"))
        return False

    cancel.wait = wait
    events = CloudWatchLogs(fake_aws(logs=written), cancel).of_streams(GROUP, 5, follow=True)
    lines = [str(next(events)) for _ in range(8)]
    with pytest.raises(Interrupted, match=f"stopped following the log group {GROUP}"):
        next(events)
    assert lines == ["two", "three", "i-2  a", "i-2  b", "i-1  more", "i-2  c", "i-1  more", "i-1  more"]


@pytest.mark.parametrize(("streams", "found"), [({}, ()), ({"live/i-1": []}, ("live/i-1",))])
def test_streams_are_listed(logs, streams, found):
    assert logs(**streams).streams(GROUP) == found


def test_a_group_that_is_not_there_has_no_streams_and_one_that_may_not_be_listed_is_an_error(fake_aws, cancel, fault):
    absent = Written({}, fault("ResourceNotFoundException", operation="DescribeLogStreams"))
    assert CloudWatchLogs(fake_aws(logs=absent), cancel).streams(GROUP) is None
    denied = Written({}, fault("AccessDeniedException", operation="DescribeLogStreams"))
    with pytest.raises(ReadFailed, match="access denied to DescribeLogStreams"):
        CloudWatchLogs(fake_aws(logs=denied), cancel).streams(GROUP)


def test_an_empty_page_is_not_the_end_of_a_stream(fake_aws, cancel):
    pages = iter(
        [
            {"events": [], "nextForwardToken": "f", "nextBackwardToken": "b1"},
            {"events": [], "nextForwardToken": "f", "nextBackwardToken": "b2"},
            {"events": [{"timestamp": 1, "message": "found"}], "nextForwardToken": "f", "nextBackwardToken": "b3"},
        ]
    )
    written = Written({"live/i-1": []})
    written.get_log_events = lambda **_request: next(pages)
    assert told(CloudWatchLogs(fake_aws(logs=written), cancel).of_streams(GROUP, 1, follow=False)) == ["found"]


def job(status: JobStatus, created: int) -> Job:
    return Job(f"j{created}", "churn", "d", status, created)


A, F, S = JobStatus.ACTIVE, JobStatus.FAILED, JobStatus.SUCCEEDED


@pytest.mark.parametrize(
    ("newest_first", "shown", "followed"),
    [
        ((), None, None),
        ((S,), 0, 0),
        ((F, S), 0, 0),
        ((A, F, S), 1, 0),
        ((S, F), 0, 0),
        ((A, S, F), 0, 0),
        ((A, A), 0, 0),
        ((F, F), 0, 0),
        ((F, A), 0, 1),
    ],
)
def test_the_newest_failed_job_that_no_later_one_made_good_is_meant_else_the_newest(newest_first, shown, followed):
    jobs = [job(status, 100 - age) for age, status in enumerate(newest_first)]
    for follow, expected in ((False, shown), (True, followed)):
        assert chosen_job(reversed(jobs), follow=follow) == (None if expected is None else jobs[expected])


def test_a_note_is_no_line():
    assert str(LogLine("text", "i-1")) == "i-1  text"
    assert LogNote("text") != LogLine("text")
