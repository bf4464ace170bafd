"""What the alarms of an endpoint did around an update of it."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from reconciler.core.alarms import Alarm, RollbackAlarms, Watched, watched


def at(minute):
    return datetime(2026, 1, 1, 12, minute, tzinfo=UTC)


def alarm(state, minute, name="x-5xx"):
    return Alarm(name, state, at(minute))


@pytest.mark.parametrize(
    ("first", "last", "before", "tripped"),
    [
        ("OK 0", "OK 0", False, False),
        ("OK 0", "ALARM 5", False, True),
        ("OK 0", "OK 5", False, True),
        ("INSUFFICIENT_DATA 0", "OK 5", False, False),
        ("INSUFFICIENT_DATA 0", "ALARM 5", False, True),
        ("ALARM 0", "ALARM 0", True, False),
        ("ALARM 0", "OK 5", True, False),
        ("ALARM 0", "ALARM 5", True, False),
        ("", "ALARM 5", False, False),
        ("", "OK 5", False, False),
        ("OK 0", "", False, False),
    ],
)
def test_what_fired_before_and_what_went_off_is_told_from_two_readings(first, last, before, tripped):
    one, two = (
        [alarm(state, int(minute)) for state, minute in [text.split()]] if text else [] for text in (first, last)
    )
    found = watched(one, two)
    assert (bool(found.before), bool(found.tripped)) == (before, tripped)


def test_of_an_update_that_began_before_anybody_looked_aws_clock_tells_what_fired_first():
    began = at(10).timestamp()
    first = [alarm("ALARM", 5, "old"), alarm("ALARM", 11, "new"), alarm("OK", 0, "calm")]
    found = watched(first, first, began)
    assert ([one.name for one in found.before], found.tripped, found.quiet) == (["old"], ("new",), ("new", "calm"))


def test_since_when_an_alarm_fires_is_told_in_utc_wherever_it_was_read():
    read = Alarm("x-5xx", "ALARM", datetime(2026, 1, 1, 14, 30, tzinfo=timezone(timedelta(hours=2))))
    assert str(read) == "x-5xx, which fires since 2026-01-01 12:30 UTC"


def test_no_alarms_blame_nobody():
    assert watched((), ()) == Watched()


@pytest.mark.parametrize(
    ("state", "since", "despite", "name", "ignored", "blocking"),
    [
        ("OK", 5, True, "x-5xx", False, False),
        ("INSUFFICIENT_DATA", 5, False, "x-5xx", False, False),
        ("ALARM", 5, False, "x-5xx", True, False),
        ("ALARM", 3, False, "x-5xx", True, False),
        ("ALARM", 2, False, "x-5xx", False, True),
        ("ALARM", 2, True, "x-5xx", True, False),
        ("ALARM", 2, False, "of-somebody-else", False, False),
    ],
)
def test_an_update_goes_without_an_alarm_of_what_it_replaces_and_waits_for_an_older_one(
    state, since, despite, name, ignored, blocking
):
    """What is replaced came into service at minute 3."""
    fired = [alarm(state, since, name)]
    ours = RollbackAlarms(("x-5xx",), despite)
    came = at(3).timestamp()
    assert (bool(ours.ignored(fired, came)), bool(ours.blocking(fired, came))) == (ignored, blocking)


def test_nobody_knows_since_when_an_endpoint_serves_and_its_alarm_is_its_own():
    assert RollbackAlarms(("x-5xx",)).blocking([alarm("ALARM", 1)], 0.0) == ()
