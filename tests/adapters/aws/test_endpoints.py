"""SageMaker endpoints: what is told of them, and what waiting means."""

import io
import itertools
import threading
from types import SimpleNamespace

import pytest

from reconciler.adapters.aws.endpoints import SageMakerEndpoints
from reconciler.core.observed import LiveEndpoint
from reconciler.errors import AwsFailed, Interrupted, PredictionFailed, ReadFailed

GONE = ("ValidationException", 'Could not find endpoint "arn:aws:sagemaker:eu-west-1:1:endpoint/x".')

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
    assert SageMakerEndpoints(aws, cancel).settle("nothing", said.append) is None
    assert said == []


def test_every_page_is_read_and_what_vanishes_meanwhile_is_left_out(fake_aws, pages, cancel, fault):
    listing = pages(
        {"Endpoints": [{"EndpointName": "a-1"}, {"EndpointName": "a-2"}]}, {"Endpoints": [{"EndpointName": "a-3"}]}
    )

    def describe(EndpointName):  # noqa: N803 - boto3's spelling
        if EndpointName == "a-2":
            raise fault(*GONE)
        return {**described("InService"), "EndpointName": EndpointName}

    found = SageMakerEndpoints(fake_aws(sagemaker=SageMaker(describe, listing)), cancel).find("a-")
    assert list(found) == ["a-1", "a-3"]
    assert listing.requests == [{"NameContains": "a-", "PaginationConfig": {"PageSize": 100}}]


def test_half_a_listing_fails_the_read(fake_aws, pages, script, cancel, fault):
    listing = pages({"Endpoints": [{"EndpointName": "a-1"}]}, fault("ThrottlingException", operation="ListEndpoints"))
    aws = fake_aws(sagemaker=SageMaker(script([described("InService")]), listing))
    with pytest.raises(ReadFailed, match="throttled ListEndpoints"):
        SageMakerEndpoints(aws, cancel).find("a-")


@pytest.mark.parametrize(
    "error", [("AccessDeniedException", "no"), ("ValidationException", "1 validation error detected")]
)
def test_an_endpoint_that_cannot_be_described_fails_the_read(fake_aws, pages, script, cancel, fault, error):
    listing = pages({"Endpoints": [{"EndpointName": "a-1"}]})
    aws = fake_aws(sagemaker=SageMaker(script([fault(*error)]), listing))
    with pytest.raises(ReadFailed, match="could not read endpoint a-1"):
        SageMakerEndpoints(aws, cancel).find("a-")


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
    settled = endpoints.settle("x", said.append)
    status, configuration, failure = last["EndpointStatus"], last["EndpointConfigName"], last.get("FailureReason")
    assert settled == LiveEndpoint("x", status, configuration, failure, guarded=False)
    told = [*dict.fromkeys(passing), last["EndpointStatus"]] if passing else []
    assert said == [f"endpoint x is {status}" for status in told]


@pytest.mark.parametrize(("more", "guarded"), [({}, False), ({"LastDeploymentConfig": GUARDRAILS}, True)])
def test_an_endpoint_is_guarded_when_its_last_deployment_was(fake_aws, script, cancel, said, more, guarded):
    describe = script([described("InService", **more)])
    settled = SageMakerEndpoints(fake_aws(sagemaker=SageMaker(describe)), cancel).settle("x", said.append)
    assert settled.guarded is guarded


def test_guardrails_are_restored_by_an_update_to_what_is_served(fake_aws, cancel):
    updates = []
    sagemaker = SimpleNamespace(update_endpoint=lambda **request: updates.append(request))
    SageMakerEndpoints(fake_aws(sagemaker=sagemaker), cancel).guard("x", "x-v1", GUARDRAILS)
    assert updates == [{"EndpointName": "x", "EndpointConfigName": "x-v1", "DeploymentConfig": GUARDRAILS}]


def test_an_endpoint_that_is_deleted_while_waited_for_is_none(fake_aws, script, cancel, said, fault):
    describe = script([described("Deleting"), fault(*GONE)])
    assert SageMakerEndpoints(fake_aws(sagemaker=SageMaker(describe)), cancel, poll=0).settle("x", said.append) is None


def test_waiting_can_be_interrupted(fake_aws, script, said):
    cancel = threading.Event()
    endpoints = SageMakerEndpoints(fake_aws(sagemaker=SageMaker(script([described("Updating")]))), cancel, poll=60)
    threading.Timer(0.1, cancel.set).start()
    with pytest.raises(Interrupted, match="endpoint x, which is Updating"):
        endpoints.settle("x", said.append)


def test_waiting_ends_and_says_what_for(fake_aws, script, cancel, said):
    hours = itertools.count(0, 1800)
    aws = fake_aws(sagemaker=SageMaker(script([described("Updating")])))
    with pytest.raises(AwsFailed, match="still Updating after 9 hours"):
        SageMakerEndpoints(aws, cancel, poll=0, clock=lambda: next(hours)).settle("x", said.append)


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
    error = fault("ModelError", "Received …", OriginalStatusCode=400, OriginalMessage="column age is missing")
    endpoints = SageMakerEndpoints(fake_aws(sagemaker_runtime=Runtime(script([error]))), cancel)
    with pytest.raises(PredictionFailed, match="answered 400: column age is missing") as raised:
        endpoints.invoke("x", b"{}", "application/json")
    assert "/aws/sagemaker/Endpoints/x" in raised.value.remedy


def test_an_endpoint_that_cannot_be_asked_is_a_failure_of_aws(fake_aws, script, cancel, fault):
    error = fault("ValidationError", "Endpoint x of account 1 not found.", "InvokeEndpoint")
    endpoints = SageMakerEndpoints(fake_aws(sagemaker_runtime=Runtime(script([error]))), cancel)
    with pytest.raises(AwsFailed, match=r"could not ask endpoint x: .*not found"):
        endpoints.invoke("x", b"{}", "application/json")
