"""The lease in S3: one winner, whoever races, and an answer that was lost is still an answer."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from botocore.exceptions import ReadTimeoutError

from reconciler.adapters.aws.lease import S3Leases
from reconciler.core.lease import give_back, succeed
from reconciler.errors import AwsFailed, ReadFailed
from support.builders import HOLDER, NOON
from support.moto_server import BUCKET

FIRST = succeed(None, HOLDER, "first", NOON)
RACERS = 16


@pytest.fixture
def leases(aws, s3):
    return S3Leases(aws, BUCKET, "prod")


def test_nobody_ever_took_it(leases):
    assert leases.read() is None


def test_what_was_written_is_read_back_with_its_age_by_the_buckets_clock(leases):
    lease = replace(succeed(FIRST, HOLDER, "second", NOON + timedelta(microseconds=1)), released=True)
    version = leases.write(lease, None)
    seen = leases.read()
    assert (seen.lease, seen.version) == (lease, version)
    assert 0 <= seen.age < 60


def race(leases, over):
    with ThreadPoolExecutor(RACERS) as pool:
        return [
            one for one in pool.map(lambda n: leases.write(replace(FIRST, id=f"run-{n}"), over), range(RACERS)) if one
        ]


def test_of_sixteen_who_race_for_the_first_lease_one_wins(leases):
    [version] = race(leases, None)
    assert leases.read().version == version


def test_only_who_saw_what_it_replaces_takes_it_over(leases):
    stale = leases.write(FIRST, None)
    fresh = leases.write(give_back(FIRST), stale)
    assert leases.write(replace(FIRST, id="late"), stale) is None
    assert leases.write(replace(FIRST, id="later"), None) is None
    assert leases.write(replace(FIRST, id="in time"), fresh)


def test_a_lease_that_was_deleted_is_not_brought_back_by_a_heartbeat(leases, s3):
    version = leases.write(FIRST, None)
    s3.delete_object(Bucket=BUCKET, Key="prod/lease.json")
    assert leases.write(FIRST, version) is None


@pytest.mark.parametrize("code", ["PreconditionFailed", "ConditionalRequestConflict"])
def test_a_write_whose_answer_was_lost_is_recognised_as_ours(leases, s3, fake_aws, fault, code):
    leases.write(FIRST, None)

    class Deaf:
        get_object = s3.get_object

        def put_object(self, **request):
            raise fault(code, operation="PutObject")

    deaf = S3Leases(fake_aws(s3=Deaf()), BUCKET, "prod")
    assert deaf.write(FIRST, None) == leases.read().version
    assert deaf.write(replace(FIRST, id="another"), None) is None


def test_boto3_itself_repeats_a_request_whose_answer_it_lost(aws, leases, s3):
    lost = []

    def lose(request, **event):
        """The first request is done, and its answer never comes."""
        if not lost:
            lost.append(request)
            s3.put_object(Bucket=BUCKET, Key="prod/lease.json", Body=request.body)
            raise ReadTimeoutError(endpoint_url="s3")

    events = aws.client("s3").meta.events
    events.register("before-send.s3.PutObject", lose)
    try:
        version = leases.write(FIRST, None)
    finally:
        events.unregister("before-send.s3.PutObject", lose)
    assert lost
    assert (leases.read().lease, leases.read().version) == (FIRST, version)


def test_a_refusal_is_an_error_and_no_lost_race(fake_aws, fault, script):
    class Refusing:
        put_object = script([fault("AccessDenied", operation="PutObject")])

    with pytest.raises(AwsFailed, match=r"could not write the lease .*: access denied"):
        S3Leases(fake_aws(s3=Refusing()), BUCKET, "prod").write(FIRST, None)


def test_a_bucket_that_is_not_there_says_what_to_do(aws):
    with pytest.raises(ReadFailed, match="there is no state bucket nowhere") as raised:
        S3Leases(aws, "nowhere", "prod").read()
    assert "state_bucket" in raised.value.remedy


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"id": 1, "holder": {"colour": "red"}}'])
def test_what_cannot_be_understood_is_nobodys_to_take(leases, s3, body):
    s3.put_object(Bucket=BUCKET, Key="prod/lease.json", Body=body)
    with pytest.raises(ReadFailed, match="cannot be understood"):
        leases.read()
