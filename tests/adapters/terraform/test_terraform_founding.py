"""The stack that makes its own state bucket: its state begins on this machine and moves."""

import pytest

from reconciler.core import names
from reconciler.errors import TerraformFailed

KEY = names.stack_key("prod", "bootstrap")
WORD = {"word": "hello"}


def folders(work) -> list[str]:
    """States, in our own folder."""
    return [str(path).partition("/own-")[2].partition("/")[2] for path in work.rglob("founding/**/terraform.tfstate*")]


def test_the_state_ends_in_the_bucket_and_nothing_stays_behind(terraform, store, keys, work, said):
    terraform().establish("bootstrap", WORD, said.append)
    assert (keys(), store.stacks()[KEY]["spec"], folders(work)) == ({KEY}, WORD, [])
    assert f"moving the state into s3://states/{KEY}" in said


def test_later_changes_are_applied_like_any_stack(terraform, store, said):
    terraform().establish("bootstrap", WORD, said.append)
    terraform().apply("bootstrap", None, {"word": "bye"}, said.append)
    assert store.stacks()[KEY]["spec"] == {"word": "bye"}


def test_a_stopped_beginning_is_known_and_gone_on_with(terraform, store, keys, said):
    assert terraform().unfinished() == {}
    with pytest.raises(TerraformFailed, match="The word is bad"):
        terraform().establish("bootstrap", {"word": "bad"}, said.append)
    assert (terraform().unfinished(), keys()) == ({"word": "bad"}, set())
    terraform().establish("bootstrap", WORD, said.append)
    assert (terraform().unfinished(), store.stacks()[KEY]["spec"]) == ({}, WORD)


def test_a_bucket_that_cannot_take_the_state_leaves_it_here(terraform, s3, store, work, said):
    with pytest.raises(TerraformFailed, match=r"NoSuchBucket|does not exist"):
        terraform(bucket="gone").establish("bootstrap", WORD, said.append)
    assert "founding/gone/prod/code/terraform.tfstate" in folders(work)
    s3.create_bucket(Bucket="gone", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    terraform(bucket="gone").establish("bootstrap", WORD, said.append)
    assert [one["Key"] for one in s3.list_objects_v2(Bucket="gone")["Contents"]] == [KEY]


def test_the_end_takes_the_state_out_before_the_bucket_is_emptied(terraform, store, keys, work, said):
    terraform().establish("bootstrap", WORD, said.append)
    terraform().dissolve("bootstrap", WORD, store.empty, said.append)
    assert (keys(), folders(work)) == (set(), [])
    assert "destroying terraform_data.word" in said


def test_an_end_that_was_stopped_is_gone_on_with_although_the_bucket_is_empty(terraform, store, keys, work, said):
    terraform().establish("bootstrap", WORD, said.append)

    def fail() -> None:
        store.empty()
        raise TerraformFailed("stopped", "")

    with pytest.raises(TerraformFailed, match="stopped"):
        terraform().dissolve("bootstrap", WORD, fail, said.append)
    terraform().dissolve("bootstrap", WORD, store.empty, said.append)
    assert (keys(), folders(work)) == (set(), [])
