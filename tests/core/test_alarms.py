"""What the alarms of an endpoint did around an update of it."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from reconciler.core.alarms import Alarm, Watched, watched


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
