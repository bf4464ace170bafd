"""What became of a release: whether SageMaker serves it, who is to blame if not, and what helps."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from reconciler.core.alarms import Alarm, Watched
from reconciler.core.observed import LiveEndpoint
from reconciler.core.outcome import (
    Elsewhere,
    Rejected,
    Served,
    Troubled,
    Unserved,
    judge,
    outcome,
)

PING = "The primary container for production variant AllTraffic did not pass the ping health check."
OTHER = "It was rolled back."
OLD = LiveEndpoint("x", "InService", "x-v1", modified=1.0)
NEW = LiveEndpoint("x", "InService", "x-v2", modified=2.0)
FIRING = Alarm("x-5xx", "ALARM", datetime(2026, 1, 1, 9, 30, tzinfo=UTC))


def rolled_back(reason, status="InService"):
    return replace(OLD, status=status, failure=reason, modified=2.0)


@pytest.mark.parametrize(
    ("before", "after", "failed", "expected"),
    [
        (OLD, NEW, False, Served()),
        (None, NEW, False, Served()),
        (OLD, NEW, True, Elsewhere()),
        (OLD, OLD, True, Elsewhere()),
        (rolled_back(PING), rolled_back(PING), True, Elsewhere()),
        (None, None, True, Elsewhere()),
        (OLD, rolled_back(PING), False, Unserved(PING)),
        (OLD, rolled_back(OTHER), True, Unserved(OTHER)),
        (OLD, rolled_back(PING, "UpdateRollbackFailed"), True, Unserved(PING)),
        (None, replace(NEW, status="Failed", failure=PING), True, Unserved(PING)),
        (OLD, rolled_back(None), False, Unserved("SageMaker gives no reason; it serves x-v1 and is InService")),
    ],
)
def test_whether_it_serves_is_read_from_the_endpoint(before, after, failed, expected):
    assert outcome(before, after, "x-v2", terraform_failed=failed) == expected


@pytest.mark.parametrize(("before", "after"), [(rolled_back(PING), rolled_back(PING)), (OLD, OLD), (None, OLD)])
def test_an_endpoint_that_never_moved_is_nobodys_refusal(before, after):
    found = outcome(before, after, "x-v2", terraform_failed=False)
    assert isinstance(found, Troubled)
    assert "did not move: it serves x-v1" in found.reason


def test_an_endpoint_that_somebody_deleted_meanwhile_is_nobodys_refusal():
    assert isinstance(outcome(OLD, None, "x-v2", terraform_failed=False), Troubled)


@pytest.mark.parametrize("alarms", [Watched(), Watched((FIRING,)), Watched(tripped=("x-5xx",))])
def test_a_container_that_does_not_come_up_is_the_releases_fault_whatever_the_alarms_did(alarms):
    assert judge(PING, alarms) == Rejected(PING)


@pytest.mark.parametrize("reason", [OTHER, "SageMaker gives no reason", "Rolled back: x-5xx", "x-latency is in ALARM"])
def test_an_alarm_that_fired_before_an_update_blames_no_release(reason):
    found = judge(reason, Watched((FIRING,), ("x-latency",), ("x-latency",)))
    assert isinstance(found, Troubled)
    assert "x-5xx, which fires since 2026-01-01 09:30 UTC" in found.remedy
    assert "the next run tries again" in found.remedy


def test_an_alarm_that_went_off_during_an_update_blames_the_release_without_a_word_of_sagemakers():
    found = judge("SageMaker gives no reason", Watched(tripped=("x-5xx",), quiet=("x-5xx", "x-latency")))
    assert isinstance(found, Rejected)
    assert "an alarm went off: x-5xx" in found.reason


def test_an_alarm_that_sagemaker_names_and_that_was_quiet_before_blames_the_release():
    found = judge("Whatever AWS says of x-latency.", Watched(quiet=("x-5xx", "x-latency")))
    assert isinstance(found, Rejected)
    assert "an alarm went off: x-latency" in found.reason


def test_words_that_nobody_knows_blame_nobody():
    found = judge("Colourless green ideas sleep furiously.", Watched(quiet=("x-5xx",)))
    assert isinstance(found, Troubled)
    assert "the next run tries again" in found.remedy


@pytest.mark.parametrize("alarms", [Watched(), Watched(tripped=("x-5xx",))])
def test_a_role_that_cannot_be_assumed_is_worth_another_try_in_the_same_run(alarms):
    found = judge("Could not assume role arn:aws:iam::1:role/x. Please ensure that the role exists", alarms)
    assert isinstance(found, Troubled)
    assert found.soon
