"""The history in S3: written once, read newest first, whatever else lies there."""

import json
from dataclasses import replace

import pytest

from reconciler.adapters.aws.history import S3History
from reconciler.adapters.aws.lease import S3Leases
from reconciler.adapters.aws.state import S3StateStore
from reconciler.core.history import Outcome, ProjectRecord
from reconciler.core.lease import succeed
from reconciler.errors import AwsFailed, ReadFailed
from support.builders import HOLDER, NOON, record
from support.moto_server import BUCKET

CHURN = ProjectRecord("churn", None, 3, ("ProvisionTraining", "Deploy"), Outcome.DONE, 12.5, image="v3-0a1b2c3d4e5f")
RECORDS = tuple(replace(record(CHURN), run=f"2026010{day}T120000Z-0000000{day}") for day in (3, 2, 1))


@pytest.fixture
def history(aws, s3):
    return S3History(aws, BUCKET, "prod")


def test_there_is_none_at_first(history):
    assert history.records() == ()


def test_records_are_read_as_they_were_written_the_newest_first(history):
    for one in reversed(RECORDS):
        history.append(one)
    assert history.records() == RECORDS
    assert history.records(2) == RECORDS[:2]


def test_a_record_that_was_written_before_it_told_images_is_read(history, s3):
    history.append(RECORDS[0])
    [key] = [one["Key"] for one in s3.list_objects_v2(Bucket=BUCKET, Prefix="prod/history/")["Contents"]]
    told = json.loads(s3.get_object(Bucket=BUCKET, Key=key)["Body"].read())
    del told["projects"][0]["image"]
    s3.put_object(Bucket=BUCKET, Key=key, Body=json.dumps(told).encode())
    [found] = history.records()
    assert found == replace(RECORDS[0], projects=(replace(CHURN, image=""),))


def test_a_record_is_never_changed(history):
    history.append(RECORDS[0])
    history.append(replace(RECORDS[0], exit_code=1))
    assert history.records() == RECORDS[:1]


def test_what_cannot_be_understood_is_left_out_and_told(history, s3):
    history.append(RECORDS[0])
    for name, body in {"a": b"not JSON", "b": b"[]", "c": b'{"format": 2}', "d": b'{"format": 1}'}.items():
        s3.put_object(Bucket=BUCKET, Key=f"prod/history/{name}.json", Body=body)
    assert history.records(note=(told := []).append) == RECORDS[:1]
    assert len(told) == 4
    assert told[-1] == "s3://states/prod/history/a.json is left out: this version does not understand it"


def test_a_failed_read_is_no_empty_history(aws):
    with pytest.raises(ReadFailed, match="could not read the history"):
        S3History(aws, "nowhere", "prod").records()
    with pytest.raises(AwsFailed, match="could not write the record"):
        S3History(aws, "nowhere", "prod").append(RECORDS[0])


def test_lease_and_history_are_neither_states_nor_refusals_nor_strangers_and_go_with_the_rest(aws, history, s3):
    history.append(RECORDS[0])
    S3Leases(aws, BUCKET, "prod").write(succeed(None, HOLDER, "first", NOON), None)
    store = S3StateStore(aws, BUCKET, "prod")
    assert (store.stacks(), store.refusals(), store.strangers(), store.locks()) == ({}, {}, (), {})
    store.empty()
    assert "Contents" not in s3.list_objects_v2(Bucket=BUCKET)
