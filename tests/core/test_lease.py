"""Who may change an environment now, and which locks of Terraform nobody holds any more."""

from dataclasses import replace
from datetime import timedelta

import pytest

from reconciler.core.history import Outcome, ProjectRecord, is_news
from reconciler.core.lease import Seen, beat, give_back, is_free, lost, succeed, unlock
from reconciler.core.statelock import Remains, StateLock, is_left, of_tenures
from support.builders import HOLDER, NOON, record

FIRST = succeed(None, HOLDER, "first", NOON)


def seen(lease, age=0.0):
    return Seen(lease, "1", age)


@pytest.mark.parametrize(
    ("lease", "age", "gone", "free"),
    [
        (None, 0, False, True),
        (FIRST, 0, False, False),
        (FIRST, 60, False, False),
        (FIRST, 62, False, False),
        (FIRST, 63, False, True),
        (FIRST, 0, True, True),
        (give_back(FIRST), 0, False, True),
        (unlock(FIRST), 0, False, True),
    ],
)
def test_a_lease_is_free_once_it_was_given_back_or_nobody_can_hold_it(lease, age, gone, free):
    assert is_free(seen(lease, age) if lease else None, gone=gone) is free


def test_the_fencing_number_only_ever_grows():
    numbers = [lease.number for lease in (FIRST, give_back(FIRST), succeed(give_back(FIRST), HOLDER, "second", NOON))]
    assert numbers == [1, 1, 2]


def test_a_heartbeat_changes_the_time_alone():
    later = NOON + timedelta(seconds=12)
    assert beat(FIRST, later) == replace(FIRST, renewed=later)


def test_who_did_not_give_the_lease_back_is_remembered_for_a_week():
    second = succeed(FIRST, HOLDER, "second", NOON + timedelta(minutes=5))
    third = succeed(give_back(second), HOLDER, "third", NOON + timedelta(days=1))
    assert [tenure.acquired for tenure in third.lost] == [NOON]
    assert succeed(give_back(third), HOLDER, "fourth", NOON + timedelta(days=8)).lost == ()


def test_who_was_unlocked_is_remembered_as_well():
    assert succeed(unlock(FIRST), HOLDER, "second", NOON).lost == lost(FIRST)


REMAINS = (Remains("box", NOON, NOON + timedelta(minutes=2)),)


@pytest.mark.parametrize(
    ("who", "since", "left"),
    [
        ("ann@box", NOON + timedelta(seconds=1), True),
        ("ann@box", NOON - timedelta(seconds=5), True),
        ("ann@box", NOON - timedelta(seconds=6), False),
        ("ann@box", NOON + timedelta(minutes=3), False),
        ("ann@other", NOON + timedelta(seconds=1), False),
        ("ann@box", None, False),
        ("", NOON, False),
    ],
)
def test_a_lock_is_left_only_if_a_dead_run_of_its_host_took_it(who, since, left):
    assert is_left(StateLock("4711", who, "apply", since), REMAINS) is left


@pytest.mark.parametrize(("lock", "left"), [("4711", True), ("0815", False)])
def test_of_a_terraform_that_named_the_lock_it_kept_that_one_is_left_and_no_other(lock, left):
    kept = (Remains("elsewhere", NOON, NOON, "4711"),)
    assert is_left(StateLock(lock, "ann@box", "apply", None), kept) is left


@pytest.mark.parametrize(("minutes", "dead"), [(1, False), (15, False), (16, True)])
def test_a_run_elsewhere_is_dead_after_a_quarter_of_an_hour_of_silence(minutes, dead):
    found = of_tenures(lost(beat(FIRST, NOON + timedelta(minutes=2))), NOON + timedelta(minutes=2 + minutes))
    assert found == ((Remains("box", NOON, NOON + timedelta(minutes=3)),) if dead else ())


DONE = ProjectRecord("churn", 1, 2, ("Update",), Outcome.DONE, 1.0)
REFUSED = replace(DONE, steps=(), outcome=Outcome.REFUSED, error="1 retirement is allowed")


@pytest.mark.parametrize(
    ("this", "newest", "news"),
    [
        (record(), None, True),
        (record(), record(), False),
        (record(), record(commit="d" * 40), True),
        (record(DONE), record(DONE), True),
        (record(REFUSED, code=4), record(), True),
        (record(REFUSED, code=4), record(REFUSED, code=4), False),
        (record(REFUSED, code=4), record(replace(REFUSED, error="protected"), code=4), True),
        (record(code=1, error="no network"), record(), True),
        (record(code=1, error="no network"), record(code=1, error="no network"), False),
    ],
)
def test_a_run_is_news_if_it_did_something_or_found_something_new(this, newest, news):
    assert is_news(this, newest) is news
