"""SageMaker endpoints: what is told of them, and what waiting means."""

import io
import itertools
import threading
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from reconciler.adapters.aws.endpoints import LAGGING_POLLS, SageMakerEndpoints
from reconciler.core.observed import LiveEndpoint
from reconciler.errors import AwsFailed, Interrupted, PredictionFailed, ReadFailed, TimedOut
from support.standstill import Standstill

GONE = (
    "ValidationException",
    'Could not find endpoint "arn:aws:sagemaker:eu-west-1:1:endpoint/x".',
    "DescribeEndpoint",
)

GUARDRAILS = {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "x-5xx"}]}}


def described(status: str, configuration: str = "c", **more) -> dict:
    return {"EndpointName": "x", "EndpointStatus": status, "EndpointConfigName": configuration, **more}


class SageMaker:
    """A client with what the tests of waiting need."""

    def __init__(self, describe, listing=None):
        self.describe_endpoint = describe
        self._listing = listing

    def get_paginator(self, _operation):
        return self._listing


class Listings:
    """Paginators, one after another."""

    def __init__(self, *listings):
        self._left = iter(listings)

    def paginate(self, **request):
        return next(self._left).paginate(**request)


@pytest.fixture
def create(aws):
    client = aws.client("sagemaker")
    role = "arn:aws:iam::123456789012:role/r"

    def make(name: str) -> None:
        client.create_model(
            ModelName=name, ExecutionRoleArn=role, PrimaryContainer={"Image": "1.dkr.ecr.eu-west-1.amazonaws.com/a:b"}
        )
        variant = {
            "VariantName": "v",
            "ModelName": name,
            "InstanceType": "ml.m5.large",
            "InitialInstanceCount": 1,
            "InitialVariantWeight": 1.0,
        }
        client.create_endpoint_config(EndpointConfigName=f"{name}-config", ProductionVariants=[variant])
        client.create_endpoint(EndpointName=name, EndpointConfigName=f"{name}-config")

    return make


def test_endpoints_are_found_by_the_start_of_their_name(aws, cancel, create):
    for name in ("acme-prod-churn", "acme-prod-ranker", "other-acme-prod-x", "acme-production-y"):
        create(name)
    found = SageMakerEndpoints(aws, cancel).find("acme-prod-")
    assert found == {
        name: LiveEndpoint(name, "InService", f"{name}-config", guarded=False, instances=1)
        for name in ("acme-prod-churn", "acme-prod-ranker")
    }


def test_no_endpoints_are_none(aws, cancel):
    assert SageMakerEndpoints(aws, cancel).find("acme-prod-") == {}


def test_an_endpoint_that_does_not_exist_is_settled_as_none(aws, cancel, said):
    assert SageMakerEndpoints(aws, cancel).settle("nothing", 60, said.append) is None
    assert said == []


def test_every_page_is_read_and_what_vanishes_meanwhile_is_left_out(fake_aws, pages, cancel, fault):
    first = pages(
        {"Endpoints": [{"EndpointName": "a-1"}, {"EndpointName": "a-2"}]}, {"Endpoints": [{"EndpointName": "a-3"}]}
    )
    listing = Listings(first, pages({"Endpoints": []}))

    def describe(EndpointName):  # noqa: N803 - boto3's spelling
        if EndpointName == "a-2":
            raise fault(*GONE)
        return {**described("InService"), "EndpointName": EndpointName}

    found = SageMakerEndpoints(fake_aws(sagemaker=SageMaker(describe, listing)), cancel).find("a-")
    assert list(found) == ["a-1", "a-3"]
    assert first.requests == [{"NameContains": "a-", "PaginationConfig": {"PageSize": 100}}]


def test_half_a_listing_fails_the_read(fake_aws, pages, script, cancel, fault):
    listing = pages({"Endpoints": [{"EndpointName": "a-1"}]}, fault("ThrottlingException", operation="ListEndpoints"))
    aws = fake_aws(sagemaker=SageMaker(script([described("InService")]), listing))
    with pytest.raises(ReadFailed, match="throttled ListEndpoints"):
        SageMakerEndpoints(aws, cancel).find("a-")


@pytest.mark.parametrize(
    "error", [("AccessDeniedException", "no"), ("ValidationException", "1 validation error detected"), GONE[:2]]
)
def test_an_endpoint_that_cannot_be_described_fails_the_read(fake_aws, pages, script, cancel, fault, error):
    listing = pages({"Endpoints": [{"EndpointName": "a-1"}]})
    aws = fake_aws(sagemaker=SageMaker(script([fault(*error, operation="DescribeEndpoint")]), listing))
    with pytest.raises(ReadFailed, match="could not read endpoint a-1"):
        SageMakerEndpoints(aws, cancel).find("a-")


@pytest.mark.parametrize("words", [GONE[1], "Could not find endpoint 'x'.", "no such luck"])
def test_an_endpoint_that_no_list_has_is_none_whatever_sagemaker_says_of_it(
    fake_aws, pages, script, cancel, fault, words
):
    refused = script([fault("ValidationException", words, "DescribeEndpoint")])
    aws = fake_aws(sagemaker=SageMaker(refused, pages({"Endpoints": [{"EndpointName": "x-2"}]})))
    assert SageMakerEndpoints(aws, cancel).settle("x", 60, [].append) is None


@pytest.mark.parametrize(
    ("passing", "last"),
    [
        (["Creating", "Creating"], described("InService")),
        (["Creating"], described("Failed", FailureReason="no ping")),
        (["Updating", "RollingBack"], described("InService", "old", FailureReason="no ping")),
        (["SystemUpdating"], described("InService")),
        (["Updating", "RollingBack"], described("UpdateRollbackFailed", FailureReason="mixed")),
        ([], described("OutOfService")),
    ],
)
def test_settling_waits_through_passing_states_and_tells_each_once(fake_aws, script, cancel, said, passing, last):
    answers = [described(status) for status in passing]
    endpoints = SageMakerEndpoints(fake_aws(sagemaker=SageMaker(script([*answers, last]))), cancel, poll=0)
    settled = endpoints.settle("x", 3600, said.append)
    status, configuration, failure = last["EndpointStatus"], last["EndpointConfigName"], last.get("FailureReason")
    assert settled == LiveEndpoint("x", status, configuration, failure, guarded=False)
    told = [*dict.fromkeys(passing), last["EndpointStatus"]] if passing else []
    assert said == [f"endpoint x is {status}" for status in told]


def test_a_read_that_lags_behind_an_update_is_made_again_for_a_while(fake_aws, script, cancel, said):
    first, then = (datetime(2026, 1, day, tzinfo=UTC) for day in (1, 2))
    old = described("InService", "x-v1", LastModifiedTime=first)
    answers = [old, old, described("Updating", "x-v1", LastModifiedTime=then), described("InService", "x-v2")]
    still = Standstill()
    endpoints = SageMakerEndpoints(fake_aws(sagemaker=SageMaker(script(answers))), still, poll=5, clock=still.clock)
    before = endpoints.settle("x", 3600, said.append)
    assert endpoints.settle("x", 3600, said.append, before).configuration == "x-v2"
    assert said == ["endpoint x is Updating", "endpoint x is InService"]
    never = SageMakerEndpoints(fake_aws(sagemaker=SageMaker(script([old]))), still, poll=5, clock=still.clock)
    still.slept.clear()
    assert never.settle("x", 3600, said.append, before) == before
    assert len(still.slept) == LAGGING_POLLS


@pytest.mark.parametrize(("more", "guarded"), [({}, False), ({"LastDeploymentConfig": GUARDRAILS}, True)])
def test_an_endpoint_is_guarded_when_its_last_deployment_was(fake_aws, script, cancel, said, more, guarded):
    describe = script([described("InService", **more)])
    settled = SageMakerEndpoints(fake_aws(sagemaker=SageMaker(describe)), cancel).settle("x", 3600, said.append)
    assert settled.guarded is guarded


def test_guardrails_are_restored_by_an_update_to_what_is_served(fake_aws, cancel):
    updates = []
    sagemaker = SimpleNamespace(update_endpoint=lambda **request: updates.append(request))
    SageMakerEndpoints(fake_aws(sagemaker=sagemaker), cancel).guard("x", "x-v1", GUARDRAILS)
    assert updates == [{"EndpointName": "x", "EndpointConfigName": "x-v1", "DeploymentConfig": GUARDRAILS}]


def test_an_endpoint_that_is_deleted_while_waited_for_is_none(fake_aws, script, pages, cancel, said, fault):
    describe = script([described("Deleting"), fault(*GONE)])
    aws = fake_aws(sagemaker=SageMaker(describe, pages({"Endpoints": []})))
    assert SageMakerEndpoints(aws, cancel, poll=0).settle("x", 3600, said.append) is None


def test_waiting_can_be_interrupted(fake_aws, script, said):
    cancel = threading.Event()
    endpoints = SageMakerEndpoints(fake_aws(sagemaker=SageMaker(script([described("Updating")]))), cancel, poll=60)
    threading.Timer(0.1, cancel.set).start()
    with pytest.raises(Interrupted, match="endpoint x, which is Updating"):
        endpoints.settle("x", 3600, said.append)


def test_waiting_ends_and_says_what_for(fake_aws, script, cancel, said):
    minutes = itertools.count(0, 1800)
    aws = fake_aws(sagemaker=SageMaker(script([described("Updating")])))
    with pytest.raises(TimedOut, match="endpoint x has been Updating for more than 60 minutes") as raised:
        SageMakerEndpoints(aws, cancel, poll=0, clock=lambda: next(minutes)).settle("x", 3600, said.append)
    assert "/aws/sagemaker/Endpoints/x" in raised.value.remedy


@pytest.mark.parametrize(
    ("status", "hours", "overdue"), [("Updating", 1.9, False), ("Updating", 2.1, True), ("InService", 99, False)]
)
def test_an_endpoint_that_changes_for_hours_is_overdue(fake_aws, script, cancel, status, hours, overdue):
    since = datetime(2026, 1, 1, tzinfo=UTC)
    pending = {"PendingDeploymentSummary": {"EndpointConfigName": "x-v2"}} if status == "Updating" else {}
    describe = script([described(status, LastModifiedTime=since, **pending)])
    listing = SimpleNamespace(paginate=lambda **_request: [{"Endpoints": [{"EndpointName": "x"}]}])
    aws = fake_aws(sagemaker=SageMaker(describe, listing))
    found = SageMakerEndpoints(aws, cancel, clock=lambda: since.timestamp() + hours * 3600).find("x")["x"]
    assert (found.overdue, found.coming) == (overdue, "x-v2" if pending else "")


class EndpointLogs:
    """Two streams of an endpoint's log group: the old fleet's, and that of what was started at 1000 s."""

    def __init__(self, *messages, failure=None):
        self._messages = messages
        self._failure = failure

    def describe_log_streams(self, **_request):
        if self._failure:
            raise self._failure
        return {
            "logStreams": [
                {"logStreamName": "old", "creationTime": 0},
                {"logStreamName": "new", "creationTime": 1_000_000},
            ]
        }

    def get_log_events(self, *, logStreamName, **_request):  # noqa: N803 - boto3's spelling
        assert logStreamName == "new"
        return {"events": [{"timestamp": at, "message": one} for at, one in enumerate(self._messages)]}


SINCE = datetime.fromtimestamp(1010, UTC)


def test_the_end_of_the_log_is_that_of_the_containers_that_were_started_since(fake_aws, cancel):
    logs = EndpointLogs(*(f"line {number}\n\n" for number in range(20)), "Traceback\n  ValueError: no such model")
    told = SageMakerEndpoints(fake_aws(logs=logs), cancel).log_tail("x", SINCE).splitlines()
    assert (len(told), told[0], told[-2:]) == (15, "line 7", ["Traceback", "  ValueError: no such model"])


def test_the_end_of_a_log_has_its_limit(fake_aws, cancel):
    told = SageMakerEndpoints(fake_aws(logs=EndpointLogs("x" * 5000)), cancel).log_tail("x", SINCE)
    assert len(told) == 2000


def test_an_endpoint_that_never_wrote_has_no_log_and_one_that_may_not_be_read_says_so(fake_aws, cancel, fault):
    never = EndpointLogs(failure=fault("ResourceNotFoundException", operation="DescribeLogStreams"))
    denied = EndpointLogs(failure=fault("AccessDeniedException", operation="DescribeLogStreams"))
    assert SageMakerEndpoints(fake_aws(logs=never), cancel).log_tail("x", SINCE) == ""
    with pytest.raises(ReadFailed, match="the log /aws/sagemaker/Endpoints/x: access denied"):
        SageMakerEndpoints(fake_aws(logs=denied), cancel).log_tail("x", SINCE)


def test_the_end_of_the_log_is_read_from_cloudwatch(aws, cancel):
    logs, group = aws.client("logs"), "/aws/sagemaker/Endpoints/x"
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName="AllTraffic/i-1")
    now = datetime.now(UTC)
    events = [{"timestamp": int(now.timestamp() * 1000), "message": "it does not load"}]
    logs.put_log_events(logGroupName=group, logStreamName="AllTraffic/i-1", logEvents=events)
    endpoints = SageMakerEndpoints(aws, cancel)
    assert endpoints.log_tail("x", now) == "it does not load"
    assert endpoints.log_tail("x", now + timedelta(hours=1)) == ""


class Runtime:
    """Answers one request."""

    def __init__(self, invoke):
        self.invoke_endpoint = invoke


def test_the_answer_of_the_model_is_handed_back(fake_aws, script, cancel):
    invoke = script([{"Body": io.BytesIO(b'{"predictions": [1]}')}])
    answer = SageMakerEndpoints(fake_aws(sagemaker_runtime=Runtime(invoke)), cancel).invoke("x", b"{}", "text/csv")
    assert answer == b'{"predictions": [1]}'
    assert invoke.calls == [{"EndpointName": "x", "Body": b"{}", "ContentType": "text/csv"}]


def test_the_error_of_the_model_is_told_in_its_own_words(fake_aws, script, cancel, fault):
    error = fault(
        "ModelError", "Received …", "InvokeEndpoint", OriginalStatusCode=400, OriginalMessage="column age is missing"
    )
    endpoints = SageMakerEndpoints(fake_aws(sagemaker_runtime=Runtime(script([error]))), cancel)
    with pytest.raises(PredictionFailed, match="answered 400: column age is missing") as raised:
        endpoints.invoke("x", b"{}", "application/json")
    assert "/aws/sagemaker/Endpoints/x" in raised.value.remedy


def test_an_endpoint_that_cannot_be_asked_is_a_failure_of_aws(fake_aws, script, cancel, fault):
    error = fault("ValidationError", "Endpoint x of account 1 not found.", "InvokeEndpoint")
    endpoints = SageMakerEndpoints(fake_aws(sagemaker_runtime=Runtime(script([error]))), cancel)
    with pytest.raises(AwsFailed, match=r"could not ask endpoint x: .*not found"):
        endpoints.invoke("x", b"{}", "application/json")
