"""A Terraform that ended in order and could not give its lock back: whose lock that is, and why it stayed."""

from dataclasses import replace

import pytest

from reconciler.adapters.aws.session import Aws
from reconciler.adapters.aws.state import S3StateStore
from reconciler.core.statelock import is_left
from reconciler.errors import LockKept, TerraformFailed
from reconciler.tenure.statelocks import LeasedTerraform
from support.refusing import Refusal, refusing

BUCKET, REGION = "states", "eu-west-1"
TRAINING = "prod/projects/churn/training.tfstate"
WORD = {"word": "hello"}
EXPIRED = Refusal(400, "ExpiredToken", "The provided token has expired.")
DENIED = Refusal(403, "AccessDenied", "Access Denied")


@pytest.fixture
def s3_refuses(address, s3):
    """The bucket, behind what refuses."""
    with refusing(address) as behind:
        yield behind


@pytest.fixture
def adapter(terraform, s3_refuses):
    """It has been initialised, and its state is there."""
    made = terraform(AWS_ENDPOINT_URL=s3_refuses.url)
    made.apply("training", "churn", {"word": "before"}, lambda _: None)
    return made


@pytest.fixture
def leased(adapter, s3_refuses):
    store = S3StateStore(Aws(REGION, s3_refuses.url, ("key", "secret")), BUCKET, "prod")
    return LeasedTerraform(adapter, store, "prod", ())


def keeps_the_lock(refusal=DENIED):
    return lambda method, path: refusal if method == "DELETE" and path.endswith(".tflock") else None


def expires(after):
    """Credentials that are good until a request that fits has been made so many times."""
    seen = []

    def rule(method, path):
        seen.append(after[0] == method and path.endswith(after[1]))
        return EXPIRED if sum(seen) > after[2] else None

    return rule


LOCKED, WRITTEN = ("PUT", ".tflock", 1), ("PUT", ".tfstate", 0)


def once_locked(rule_after):
    """From right after the lock was taken."""
    state = {"locked": False}

    def rule(method, path):
        if state["locked"]:
            return rule_after(method, path)
        state["locked"] = method == "PUT" and path.endswith(".tflock")
        return None

    return rule


def everything(_method, _path):
    return EXPIRED


def test_a_lock_that_s3_did_not_let_go_is_known_by_its_id_and_no_other_one_is(adapter, store, s3_refuses):
    s3_refuses.rule = keeps_the_lock()
    with pytest.raises(LockKept, match="could not give its lock back: failed to delete the lock file") as raised:
        adapter.apply("training", "churn", WORD, lambda _: None)
    assert raised.value.remedy == "allow the role that you use s3:DeleteObject"
    [lock] = store.locks().values()
    remains = adapter.remains("training", "churn")
    assert (is_left(lock, remains), is_left(replace(lock, id="4711"), remains)) == (True, False)
    assert adapter.remains("training", "other") == ()


def test_credentials_that_expire_right_after_the_lock_was_taken_leave_a_lock_that_is_known(adapter, store, s3_refuses):
    s3_refuses.rule = once_locked(everything)
    with pytest.raises(TerraformFailed, match="error loading state"):
        adapter.apply("training", "churn", WORD, lambda _: None)
    [lock] = store.locks().values()
    assert is_left(lock, adapter.remains("training", "churn"))


def test_a_lock_of_somebody_who_came_after_it_is_respected(adapter, store, s3_refuses, terraform):
    s3_refuses.rule = once_locked(everything)
    with pytest.raises(TerraformFailed):
        adapter.apply("training", "churn", WORD, lambda _: None)
    s3_refuses.rule = lambda _method, _path: None
    [lock] = store.locks().values()
    store.unlock(TRAINING, lock.id)
    s3_refuses.rule = keeps_the_lock()
    with pytest.raises(LockKept):
        adapter.apply("training", "churn", WORD, lambda _: None)
    [theirs] = store.locks().values()
    [first, *_] = [one for one in adapter.remains("training", "churn") if not one.lock]
    assert not is_left(theirs, (first,))


def test_the_reason_comes_first_then_the_lock_then_where_the_state_is(adapter, leased, s3_refuses, work):
    def rule(method, path):
        written = method == "PUT" and path.endswith(".tfstate")
        return EXPIRED if written or keeps_the_lock(EXPIRED)(method, path) else None

    s3_refuses.rule = rule
    with pytest.raises(TerraformFailed) as raised:
        leased.apply("training", "churn", WORD, lambda _: None)
    reason, lock, state = raised.value.what.splitlines()
    [kept] = work.glob("lost-*.tfstate")
    assert "failed: the AWS credentials have expired: Failed to save state" in reason
    assert "could not give its lock back" in lock
    assert str(kept) in state
    assert raised.value.remedy.startswith("sign in (`aws sso login`)")
    assert f"aws s3 cp {kept}" in raised.value.remedy
    assert raised.value.remedy.endswith("; the next run releases the lock of its state, if it stayed")


def test_where_terraform_gives_no_reason_that_of_our_own_look_at_the_lock_comes_first(leased, s3_refuses):
    s3_refuses.rule = once_locked(everything)
    with pytest.raises(TerraformFailed) as raised:
        leased.apply("training", "churn", WORD, lambda _: None)
    assert "the AWS credentials have expired" in raised.value.what.splitlines()[0]
    assert raised.value.remedy.startswith("sign in (`aws sso login`)")


@pytest.mark.parametrize("rule", [keeps_the_lock(), once_locked(everything)], ids=["not let go", "expired"])
def test_the_next_run_releases_the_lock_and_settles(leased, store, s3_refuses, said, rule):
    s3_refuses.rule = rule
    with pytest.raises(TerraformFailed):
        leased.apply("training", "churn", WORD, said.append)
    assert store.locks()
    s3_refuses.rule = lambda _method, _path: None
    leased.apply("training", "churn", WORD, said.append)
    assert store.locks() == {}
    assert any("releasing the lock of the state, left by a run that has ended" in line for line in said)


def test_a_lock_that_can_be_released_a_moment_later_is_and_the_run_ends_well(leased, store, s3_refuses, said):
    refused = []

    def once(method, path):
        refusal = None if refused else keeps_the_lock()(method, path)
        refused.extend([refusal] if refusal else [])
        return refusal

    s3_refuses.rule = once
    leased.apply("training", "churn", WORD, said.append)
    assert (len(refused), store.locks()) == (1, {})


def test_a_trace_that_somebody_asked_terraform_for_hides_no_error(terraform, store, s3_refuses, said):
    loud = terraform(AWS_ENDPOINT_URL=s3_refuses.url, TF_LOG="TRACE", TF_LOG_PATH="", TF_STATE_PERSIST_INTERVAL="1")
    loud.apply("training", "churn", WORD, said.append)
    with pytest.raises(TerraformFailed, match=r"failed: Resource precondition failed: The word is bad\.") as raised:
        loud.apply("training", "churn", {"word": "bad"}, said.append)
    s3_refuses.rule = keeps_the_lock()
    with pytest.raises(TerraformFailed, match="failed: Resource instance is not tainted") as told_in_text:
        loud.untaint("training", "churn", "terraform_data.word", said.append)
    assert "could not give its lock back: failed to delete the lock file" in told_in_text.value.what
    [lock] = store.locks().values()
    assert [one.lock for one in loud.remains("training", "churn")] == [lock.id]
    told = f"{raised.value}{told_in_text.value}{said}"
    assert not any(level in told for level in ("[TRACE]", "[DEBUG]", "[INFO]"))
