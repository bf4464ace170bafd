"""The state bucket: a failed read is never an empty answer."""

import io
import json
from datetime import UTC, datetime

import pytest

from reconciler.adapters.aws.state import S3StateStore
from reconciler.core import names
from reconciler.core.observed import Refusal
from reconciler.core.statelock import StateLock
from reconciler.errors import ReadFailed, Refused
from reconciler.ports import RESOURCES
from support.moto_server import BUCKET

PLATFORM = names.stack_key("prod", "platform")
TRAINING = names.project_key("prod", "churn", "training")
DEPLOYMENT = names.project_key("prod", "churn", "deployment")
OWNED = [{"mode": "managed", "type": "terraform_data", "name": "x", "instances": [{}]}]
HELD = {RESOURCES: ["terraform_data.x"]}
LOOKED_UP = [{"mode": "data", "type": "aws_vpc", "name": "x", "instances": [{}]}]


def state(resources=OWNED, version=4, **outputs) -> dict:
    return {
        "version": version,
        "resources": resources,
        "outputs": {name: {"value": value, "type": "string"} for name, value in outputs.items()},
    }


WHOLE = json.dumps(state(spec=1)).encode()


@pytest.fixture
def store(aws, s3):
    return S3StateStore(aws, BUCKET, "prod")


@pytest.fixture
def put(s3):
    def write(key: str, content) -> None:
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        s3.put_object(Bucket=BUCKET, Key=key, Body=body)

    return write


@pytest.fixture
def keys(s3):
    return lambda: {item["Key"] for item in s3.list_objects_v2(Bucket=BUCKET).get("Contents", ())}


def test_an_environment_that_was_never_applied_has_no_stacks(store):
    assert store.stacks() == {}
    assert store.refusals() == {}


def test_stacks_are_their_outputs_by_key(store, put):
    put(PLATFORM, state(spec={"max_vcpus": 4}))
    put(TRAINING, state(spec={"vcpu": 1}, repository_url="u"))
    assert store.stacks() == {
        PLATFORM: {"spec": {"max_vcpus": 4}, **HELD},
        TRAINING: {"spec": {"vcpu": 1}, "repository_url": "u", **HELD},
    }


def test_other_environments_and_other_objects_are_not_ours(store, put):
    put("prod-eu/platform.tfstate", state(spec={}))
    put("staging/platform.tfstate", state(spec={}))
    put(f"{PLATFORM}.tflock", b"not even JSON")
    assert store.stacks() == {}


@pytest.mark.parametrize("resources", [[], LOOKED_UP, [{**OWNED[0], "instances": []}]])
def test_a_stack_that_owns_nothing_is_no_stack(store, put, resources):
    put(TRAINING, state(resources))
    assert store.stacks() == {}


def test_what_a_state_holds_is_told_by_terraforms_addresses(store, put):
    release = {"mode": "managed", "type": "aws_sagemaker_model", "name": "release"}
    instances = [{"index_key": "v1-0a1b2c3"}, {"index_key": "v2-0a1b2c3"}]
    endpoint = {"mode": "managed", "type": "aws_sagemaker_endpoint", "name": "live", "instances": [{"index_key": 0}]}
    put(DEPLOYMENT, state([*OWNED, *LOOKED_UP, {**release, "instances": instances}, endpoint]))
    assert store.stacks()[DEPLOYMENT][RESOURCES] == [
        "aws_sagemaker_endpoint.live[0]",
        'aws_sagemaker_model.release["v1-0a1b2c3"]',
        'aws_sagemaker_model.release["v2-0a1b2c3"]',
        "terraform_data.x",
    ]


def test_a_sensitive_output_is_left_out(store, put):
    secret = state(spec="open", password="hush")
    secret["outputs"]["password"]["sensitive"] = True
    put(TRAINING, secret)
    assert store.stacks() == {TRAINING: {"spec": "open", **HELD}}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is not valid JSON"),
        (b"{", "is not valid JSON"),
        (b"\xff\xfe", "is not valid JSON"),
        (b"[]", "is not a JSON object"),
        ({"version": 3}, "has state version 3"),
        ({}, "has state version None"),
        ({"version": 4}, "is not a whole Terraform state"),
    ],
)
def test_a_state_that_cannot_be_understood_fails_the_read_and_is_named(store, put, content, says):
    put(PLATFORM, state())
    put(TRAINING, content)
    with pytest.raises(ReadFailed, match=says) as raised:
        store.stacks()
    assert f"s3://{BUCKET}/{TRAINING}" in raised.value.what
    assert raised.value.remedy


def test_a_missing_bucket_is_not_an_empty_one(aws):
    with pytest.raises(ReadFailed, match="there is no state bucket nowhere") as raised:
        S3StateStore(aws, "nowhere", "prod").stacks()
    assert "state_bucket" in raised.value.remedy


class HalfReadable:
    """A bucket whose listing and whose objects are what a test says."""

    def __init__(self, listing, got):
        self._listing = listing
        self._got = got

    def get_paginator(self, _operation):
        return self._listing

    def get_object(self, **_request):
        if isinstance(self._got, Exception):
            raise self._got
        return {"Body": io.BytesIO(self._got)}


def test_every_page_of_a_listing_is_read(fake_aws, pages):
    aws = fake_aws(s3=HalfReadable(pages({"Contents": [{"Key": TRAINING}]}, {"Contents": [{"Key": PLATFORM}]}), WHOLE))
    assert S3StateStore(aws, BUCKET, "prod").stacks() == {
        TRAINING: {"spec": 1, **HELD},
        PLATFORM: {"spec": 1, **HELD},
    }


def test_a_state_that_vanishes_while_it_is_read_fails_the_read(fake_aws, pages, fault):
    listing = pages({"Contents": [{"Key": TRAINING}]})
    aws = fake_aws(s3=HalfReadable(listing, fault("NoSuchKey", operation="GetObject")))
    with pytest.raises(ReadFailed, match="was deleted while it was read"):
        S3StateStore(aws, BUCKET, "prod").stacks()


def test_a_state_that_may_not_be_read_fails_the_read(fake_aws, pages, fault):
    listing = pages({"Contents": [{"Key": TRAINING}]})
    aws = fake_aws(s3=HalfReadable(listing, fault("AccessDenied", operation="GetObject")))
    with pytest.raises(ReadFailed, match="access denied to GetObject"):
        S3StateStore(aws, BUCKET, "prod").stacks()


@pytest.mark.parametrize("question", ["stacks", "refusals"])
def test_half_a_listing_fails_the_read(fake_aws, pages, fault, question):
    listing = pages({"Contents": [{"Key": TRAINING}]}, fault("SlowDown", operation="ListObjectsV2"))
    aws = fake_aws(s3=HalfReadable(listing, WHOLE))
    with pytest.raises(ReadFailed, match="throttled ListObjectsV2"):
        getattr(S3StateStore(aws, BUCKET, "prod"), question)()


def test_a_refusal_is_remembered_until_it_is_forgiven(store):
    first = Refusal("v2-aaaaaaa", "did not answer", "2026-01-01T00:00:00+00:00")
    second = Refusal("v1-bbbbbbb", "alarm", "2026-02-01T00:00:00+00:00")
    store.refuse("churn", second)
    store.refuse("churn", first)
    store.refuse("ranker", first)
    assert store.refusals() == {"churn": (first, second), "ranker": (first,)}
    assert store.forgive("churn") == 2
    assert store.forgive("churn") == 0
    assert store.refusals() == {"ranker": (first,)}


def test_a_refusal_is_no_stack_and_a_stack_no_refusal(store, put):
    put(DEPLOYMENT, state(spec=1))
    store.refuse("churn", Refusal("v2-aaaaaaa", "r", "s"))
    assert store.stacks() == {DEPLOYMENT: {"spec": 1, **HELD}}
    assert list(store.refusals()) == ["churn"]


@pytest.mark.parametrize(("content", "says"), [(b"{", "is not valid JSON"), ({"release": "v1"}, "lacks 'reason'")])
def test_a_refusal_that_cannot_be_understood_fails_the_read(store, put, content, says):
    put("prod/projects/churn/refused/v1.json", content)
    with pytest.raises(ReadFailed, match=says):
        store.refusals()


def test_a_state_that_holds_resources_is_not_forgotten(store, put, keys):
    put(TRAINING, state())
    with pytest.raises(Refused, match="still holds resources"):
        store.forget(TRAINING)
    assert keys() == {TRAINING}


def test_forgetting_a_deployment_forgets_its_refusals_and_nothing_else(store, put, keys):
    put(DEPLOYMENT, state([]))
    put(TRAINING, state())
    store.refuse("churn", Refusal("v2-aaaaaaa", "r", "s"))
    store.refuse("churn-2", Refusal("v2-aaaaaaa", "r", "s"))
    store.forget(DEPLOYMENT)
    assert keys() == {TRAINING, "prod/projects/churn-2/refused/v2-aaaaaaa.json"}


def test_forgetting_a_training_keeps_the_refusals(store, put, keys):
    put(TRAINING, state([]))
    store.refuse("churn", Refusal("v2-aaaaaaa", "r", "s"))
    store.forget(TRAINING)
    assert keys() == {"prod/projects/churn/refused/v2-aaaaaaa.json"}


def test_what_is_forgotten_already_can_be_forgotten_again(store):
    store.forget(TRAINING)
    store.forget(DEPLOYMENT)


def test_forgetting_a_key_never_touches_a_longer_one(store, put, keys):
    put(f"{TRAINING}.backup", state())
    store.forget(TRAINING)
    assert keys() == {f"{TRAINING}.backup"}


def test_a_bucket_that_is_not_there_is_no_failure_to_ask_for(aws, store):
    assert store.exists()
    assert not S3StateStore(aws, "elsewhere", "prod").exists()


@pytest.mark.parametrize("code", ["403", "400", "Whatever"])
def test_a_bucket_that_may_not_be_looked_at_is_not_one_that_is_not_there(fake_aws, script, fault, code):
    client = type("S3", (), {"head_bucket": staticmethod(script([fault(code, "Forbidden", "HeadBucket")]))})()
    with pytest.raises(ReadFailed, match="could not read the state bucket"):
        S3StateStore(fake_aws(s3=client), BUCKET, "prod").exists()


def test_objects_of_other_environments_are_strangers(store, put):
    put(PLATFORM, state())
    put("staging/platform.tfstate", state())
    put("notes.txt", b"hello")
    assert store.strangers() == ("notes.txt", "staging/platform.tfstate")


def test_emptying_leaves_no_version_of_this_environments_objects_and_all_of_the_others(store, put, s3):
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    for content in (b"1", b"2"):
        put(PLATFORM, content)
        put("staging/platform.tfstate", content)
    s3.delete_object(Bucket=BUCKET, Key=PLATFORM)
    store.empty()
    left = s3.list_object_versions(Bucket=BUCKET)
    assert ({one["Key"] for one in left["Versions"]}, left.get("DeleteMarkers", [])) == (
        {"staging/platform.tfstate"},
        [],
    )


LOCK = {
    "ID": "4711",
    "Operation": "OperationTypeApply",
    "Who": "ann@box",
    "Created": "2026-01-02T03:04:05.123456789Z",
}


def test_terraforms_locks_are_read_as_it_writes_them(store, put):
    put(f"{TRAINING}.tflock", LOCK)
    put(f"{PLATFORM}.tflock", b"not even JSON")
    put("staging/platform.tfstate.tflock", LOCK)
    since = datetime(2026, 1, 2, 3, 4, 5, 123456, tzinfo=UTC)
    assert store.locks() == {
        TRAINING: StateLock("4711", "ann@box", "apply", since),
        PLATFORM: StateLock("", "", "", None),
    }


def test_a_lock_is_deleted_only_while_it_is_the_one_that_was_seen(store, put, keys, fake_aws, fault, s3):
    put(f"{TRAINING}.tflock", LOCK)
    assert not store.unlock(TRAINING, "of another time")
    assert not store.unlock(PLATFORM, "4711")

    class Outrun:
        get_object = s3.get_object

        def delete_object(self, **request):
            raise fault("PreconditionFailed", operation="DeleteObject")

    assert not S3StateStore(fake_aws(s3=Outrun()), BUCKET, "prod").unlock(TRAINING, "4711")
    assert keys() == {f"{TRAINING}.tflock"}
    assert store.unlock(TRAINING, "4711")
    assert keys() == set()


def test_what_terraform_would_make_anew_is_known_by_its_address(store, put):
    endpoint = {"mode": "managed", "type": "aws_sagemaker_endpoint", "name": "live"}
    whole = {**OWNED[0], "instances": [{"status": "tainted"}, {}]}
    put(DEPLOYMENT, state([{**endpoint, "instances": [{"index_key": 0, "status": "tainted"}]}, whole, *LOOKED_UP]))
    assert store.tainted(DEPLOYMENT) == ("aws_sagemaker_endpoint.live[0]", "terraform_data.x")
    assert store.tainted(TRAINING) == ()
