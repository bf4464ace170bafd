"""Which calls a fault hits, and which requests are which calls: no server."""

from collections.abc import Mapping
from typing import Any

import pytest

from reconciler.sandbox.aws.faults.book import Book
from reconciler.sandbox.aws.faults.calls import recognise
from reconciler.sandbox.aws.faults.known import unknown
from reconciler.sandbox.aws.faults.past import Past
from reconciler.sandbox.aws.http import Answer
from reconciler.sandbox.faults import Fault, Kind, Standing
from reconciler.sandbox.faults.fault import CALLS, JOBS, fault_of, standing_of


def hits(fault: Fault, calls: int, name: str = "sagemaker:DescribeEndpoint") -> list[int]:
    """Numbers of the calls that a fault hits, out of so many."""
    book = Book()
    book.add(fault)
    return [number for number in range(1, calls + 1) if book.strike(CALLS, name)]


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ({}, [1, 2, 3, 4, 5, 6]),
        ({"call": 3}, [3]),
        ({"times": 2}, [1, 2]),
        ({"call": 3, "times": 2}, [3, 4]),
        ({"on": "sagemaker:*"}, [1, 2, 3, 4, 5, 6]),
        ({"on": "sagemaker:describe*", "call": 6}, [6]),
        ({"on": "batch:*"}, []),
        ({"on": "*:DescribeEndpoint", "times": 1}, [1]),
    ],
)
def test_a_fault_hits_the_calls_that_it_names(chosen: Mapping[str, Any], expected: list[int]) -> None:
    assert hits(Fault(Kind.ERROR, **chosen), 6) == expected


def test_a_share_of_the_calls_is_chosen_by_its_seed() -> None:
    first, again, other = (hits(Fault(Kind.THROTTLE, rate=0.2, seed=seed), 1000) for seed in (7, 7, 8))
    assert first == again != other
    assert 150 < len(first) < 250


def test_a_share_and_a_number_of_times_go_together() -> None:
    chosen = {"rate": 0.5, "seed": 1}
    assert hits(Fault(Kind.THROTTLE, times=3, **chosen), 100) == hits(Fault(Kind.THROTTLE, **chosen), 100)[:3]


def test_what_a_fault_met_is_told_until_it_is_cleared() -> None:
    book = Book()
    fault = Fault(Kind.DROP, on="batch:SubmitJob", call=2)
    standing = book.add(fault)
    for name in ("batch:SubmitJob", "batch:ListJobs", "batch:SubmitJob", "batch:SubmitJob"):
        book.strike(CALLS, name)
    assert book.standing() == (Standing(standing.id, fault, seen=3, hits=1),)
    assert book.standing()[0].spent
    assert book.clear(standing.id) == 1
    with pytest.raises(KeyError):
        book.clear(standing.id)


def test_a_fault_of_jobs_ends_one_attempt_by_whichever_name_it_goes() -> None:
    book = Book()
    book.add(Fault(Kind.RECLAIM, on="churn-*"))
    met = [len(book.strike(JOBS, *names)) for names in (("ranker", "id-0"), ("churn-1", "id-1"), ("churn-2", "id-2"))]
    assert met == [0, 1, 0]


def test_calls_are_counted_from_a_mark_on() -> None:
    book = Book()
    for name in ("sts:GetCallerIdentity", "s3:PutObject", "s3:PutObject"):
        book.count(name)
    assert book.calls() == {"s3:PutObject": 2, "sts:GetCallerIdentity": 1}
    book.forget_calls()
    assert book.calls() == {}


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ({"kind": "flood"}, "there is no fault 'flood'; there are throttle, latency"),
        ({}, "there is no fault ''"),
        ({"kind": "drop", "onn": "*"}, "a fault has no onn; it has"),
        ({"kind": "throttle", "rate": 0}, "above 0% and at most 100%"),
        ({"kind": "throttle", "rate": 20}, "above 0% and at most 100%; it is 2000%"),
        ({"kind": "throttle", "rate": "20%"}, "of the wrong type"),
        ({"kind": "drop", "call": 0}, "counted from 1"),
        ({"kind": "drop", "times": 0}, "at least once"),
        ({"kind": "latency", "seconds": -1}, "-1 seconds"),
        ({"kind": "error", "status": 200}, "200 is no status that HTTP has for an error"),
        ({"kind": "error", "status": 302}, "302 is no status that HTTP has for an error"),
        ({"kind": "error", "status": 301, "code": "PermanentRedirect"}, "301 is an error of S3 alone"),
        ({"kind": "error", "status": 301, "on": "s3:*"}, "S3 calls 301 PermanentRedirect, and not InternalFailure"),
        ({"kind": "error", "region": "eu-west-1", "on": "sts:*"}, "S3 alone says where a bucket is"),
        ({"kind": "error", "on": "DescribeEndpoint"}, "write service:Operation"),
        ({"kind": "pages", "size": 0}, "a page has at least one entry"),
        ({"kind": "reclaim", "rate": 0.5}, "a job has no calls to choose from"),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(content: Mapping[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        fault_of(content)


def test_a_fault_travels_as_json() -> None:
    standing = Standing("error-1", Fault(Kind.ERROR, on="batch:*", call=2, status=503), seen=4, hits=1)
    assert standing_of(standing.content()) == standing


@pytest.mark.parametrize(
    ("on", "why"),
    [
        ("*", ""),
        ("*:DescribeEndpoint", ""),
        ("sagemaker:Describe*", ""),
        ("s3:listobjectsv2", ""),
        ("sagemaker:DescribeEndpont", "did you mean DescribeEndpoint?"),
        ("batch:*Endpoint", "batch has no operation '\\*Endpoint'"),
        ("sagemakr:*", "AWS has no service 'sagemakr'"),
    ],
)
def test_an_operation_that_aws_does_not_have_is_said_to_be_missing(on: str, why: str) -> None:
    assert (why.replace("\\", "") in unknown(Fault(Kind.DROP, on=on))) if why else not unknown(Fault(Kind.DROP, on=on))


def test_an_answer_lags_behind_by_so_many_seconds() -> None:
    now = [0.0]
    past = Past(lambda: now[0])
    told = []
    for moment, body in [(0, b"a"), (1, b"b"), (3, b"b"), (5, b"c"), (6, b"c"), (10, b"c"), (11, b"d")]:
        now[0] = moment
        told.append(past.answer(("question",), Answer("200 OK", (), body), 5).body)
    assert told == [b"a", b"a", b"a", b"a", b"b", b"c", b"c"]
    assert past.answer(("another",), Answer("200 OK", (), b"d"), 5).body == b"d"


def signed(service: str) -> str:
    return f"AWS4-HMAC-SHA256 Credential=x/20260101/eu-west-1/{service}/aws4_request, SignedHeaders=host, Signature=0"


FORM = {"CONTENT_TYPE": "application/x-www-form-urlencoded; charset=utf-8"}


@pytest.mark.parametrize(
    ("service", "request_line", "more", "body", "name"),
    [
        ("sagemaker", "POST /", {"HTTP_X_AMZ_TARGET": "SageMaker.ListEndpoints"}, b"{}", "sagemaker:ListEndpoints"),
        ("sagemaker", "POST /endpoints/a/invocations", {}, b"1", "sagemaker-runtime:InvokeEndpoint"),
        ("batch", "POST /v1/submitjob", {}, b"{}", "batch:SubmitJob"),
        ("iam", "POST /", FORM, b"Action=GetRole&Version=2010-05-08", "iam:GetRole"),
        ("ec2", "POST /", FORM, b"Action=DescribeVpcs", "ec2:DescribeVpcs"),
        ("monitoring", "POST /service/G/operation/DescribeAlarms", {}, b"\xa0", "cloudwatch:DescribeAlarms"),
        ("s3", "GET /", {}, b"", "s3:ListBuckets"),
        ("s3", "GET /bucket?list-type=2&prefix=a", {}, b"", "s3:ListObjectsV2"),
        ("s3", "GET /bucket/?versions", {}, b"", "s3:ListObjectVersions"),
        ("s3", "GET /bucket/a/key", {}, b"", "s3:GetObject"),
        ("s3", "HEAD /bucket/a/key", {}, b"", "s3:HeadObject"),
        ("s3", "PUT /bucket/key?x-id=PutObject", {}, b"", "s3:PutObject"),
        ("s3", "PUT /bucket/key?partNumber=1&uploadId=2", {}, b"", "s3:UploadPart"),
        ("s3", "PUT /bucket/key", {"HTTP_X_AMZ_COPY_SOURCE": "/b/k"}, b"", "s3:CopyObject"),
        ("s3", "DELETE /bucket/key", {}, b"", "s3:DeleteObject"),
        ("s3", "PATCH /bucket/key", {}, b"", "s3:Unknown"),
        ("scheduler", "GET /schedules/nightly", {}, b"", "scheduler:GetSchedule"),
        ("route53", "GET /2013-04-01/hostedzone/Z1", {}, b"", "route53:GetHostedZone"),
    ],
)
def test_a_request_is_known_by_the_name_of_its_operation(
    service: str, request_line: str, more: Mapping[str, str], body: bytes, name: str
) -> None:
    method, _, target = request_line.partition(" ")
    path, _, query = target.partition("?")
    environ = {"REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query, **more}
    assert recognise({**environ, "HTTP_AUTHORIZATION": signed(service)}, body).call.name == name


def test_a_signature_in_the_address_tells_the_service_too() -> None:
    query = "X-Amz-Credential=x%2F20260101%2Feu-west-1%2Fs3%2Faws4_request"
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/bucket/key", "QUERY_STRING": query}
    assert recognise(environ, b"").call.name == "s3:GetObject"
