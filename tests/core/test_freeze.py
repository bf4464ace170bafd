"""When a freeze holds, and until when: windows over midnight, over weeks, and over clocks that are put forward."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.core.freeze import HOPS, Once, Weekly, frozen

BERLIN, HAVANA = ZoneInfo("Europe/Berlin"), ZoneInfo("America/Havana")
MON, FRI, SAT, SUN = 0, 4, 5, 6
NIGHTS = Weekly("nights", frozenset({MON, FRI}), time(18), time(8), BERLIN)
WEEKEND = (
    Weekly("weekend", frozenset({FRI}), time(18), time(), BERLIN),
    Weekly("weekend", frozenset({SAT, SUN}), zone=BERLIN),
    Weekly("weekend", frozenset({MON}), time(), time(8), BERLIN),
)
TO_HALF_PAST_TWO = Weekly("n", frozenset({SUN}), time(), time(2, 30), BERLIN)
FROM_HALF_PAST_TWO = Weekly("n", frozenset({SUN}), time(2, 30), time(6), BERLIN)
AUDIT = Once("audit", datetime(2026, 12, 24, tzinfo=UTC), datetime(2026, 12, 27, tzinfo=UTC))


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# 4 December 2026 is a Friday.
HOLDING = {
    "one window holds from its first moment": ((AUDIT,), AUDIT.start, AUDIT.end),
    "and not at its end": ((AUDIT,), AUDIT.end, None),
    "nor before": ((AUDIT,), AUDIT.start - timedelta(seconds=1), None),
    "a night begins on its day": ((NIGHTS,), berlin("2026-12-04T18:00"), berlin("2026-12-05T08:00")),
    "and goes on over midnight": ((NIGHTS,), berlin("2026-12-05T07:59"), berlin("2026-12-05T08:00")),
    "and ends in the morning": ((NIGHTS,), berlin("2026-12-05T08:00"), None),
    "the night of another day is free": ((NIGHTS,), berlin("2026-12-05T19:00"), None),
    "the morning before its day is free": ((NIGHTS,), berlin("2026-12-04T07:00"), None),
    "over the end of a week": ((NIGHTS,), berlin("2026-12-08T03:00"), berlin("2026-12-08T08:00")),
    "windows that adjoin are one": (WEEKEND, berlin("2026-12-04T20:00"), berlin("2026-12-07T08:00")),
    "from the middle too": (WEEKEND, berlin("2026-12-06T12:00"), berlin("2026-12-07T08:00")),
    "a window inside another ends with it": (
        (Once("short", utc("2026-12-24"), utc("2026-12-25")), AUDIT), utc("2026-12-24"), AUDIT.end),
    "no window": ((), AUDIT.start, None),
    # Berlin's clocks go from 02:00 to 03:00 on 29 March 2026, and from 03:00 to 02:00 on 25 October, both Sundays.
    "a night with an hour less": (
        (Weekly("n", frozenset({SAT}), time(18), time(8), BERLIN),), utc("2026-03-28T20:00"), utc("2026-03-29T06:00")),
    "a night with an hour more": (
        (Weekly("n", frozenset({SAT}), time(18), time(8), BERLIN),), utc("2026-10-24T20:00"), utc("2026-10-25T07:00")),
    "to a time that is shown twice: the second": (
        (TO_HALF_PAST_TWO,), utc("2026-10-25T00:45"), utc("2026-10-25T01:30")),
    "from a time that is shown twice: the first": (
        (FROM_HALF_PAST_TWO,), utc("2026-10-25T00:30"), utc("2026-10-25T05:00")),
    "to a time that no clock shows: the later reading": (
        (TO_HALF_PAST_TWO,), utc("2026-03-29T01:15"), utc("2026-03-29T01:30")),
    "from a time that no clock shows: the earlier reading": (
        (FROM_HALF_PAST_TWO,), utc("2026-03-29T00:30"), utc("2026-03-29T04:00")),
    # Havana's clocks go from midnight to 01:00 on 8 March 2026.
    "a day without a midnight": (
        (Weekly("n", frozenset({SUN}), zone=HAVANA),), utc("2026-03-08T04:30"), utc("2026-03-09T04:00")),
}  # fmt: skip


@pytest.mark.parametrize(("windows", "now", "until"), HOLDING.values(), ids=HOLDING)
def test_a_freeze_holds_until_a_moment_that_is_free(windows, now, until):
    found = frozen(windows, now)
    assert (found and found.until) == until


def test_the_reason_is_of_the_window_that_holds_longest_now():
    short = Once("short", AUDIT.start, AUDIT.start + timedelta(hours=1))
    assert frozen((short, AUDIT), AUDIT.start).reason == "audit"


def test_a_freeze_for_ever_ends_the_search_and_not_the_freeze():
    always = Weekly("always", frozenset(range(7)))
    assert frozen((always,), utc("2026-01-01")).until == utc("2026-01-02") + timedelta(days=HOPS)


MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))
ZONES = st.sampled_from([UTC, BERLIN, HAVANA, ZoneInfo("Australia/Lord_Howe"), ZoneInfo("Pacific/Kiritimati")])
CLOCKS = st.times().map(lambda clock: clock.replace(second=0, microsecond=0))
WEEKLY = st.builds(Weekly, st.just("w"), st.frozensets(st.integers(0, 6), min_size=1), CLOCKS, CLOCKS, ZONES)
ONCE = st.builds(
    lambda start, hours, zone: Once("o", start, start + timedelta(hours=hours), zone),
    MOMENTS,
    st.integers(1, 500),
    ZONES,
)
WINDOWS = st.lists(WEEKLY | ONCE, max_size=4)


@settings(deadline=None)
@given(WINDOWS, MOMENTS)
def test_what_is_frozen_is_frozen_until_its_end_and_free_then(windows, now):
    found = frozen(windows, now)
    if found is None or found.until > now + timedelta(days=HOPS // 2):
        return
    assert frozen(windows, now + (found.until - now) / 2)
    assert frozen(windows, found.until) is None


@settings(deadline=None)
@given(WINDOWS, WINDOWS, MOMENTS)
def test_more_windows_free_nothing(windows, more, now):
    if frozen(windows, now):
        assert frozen([*windows, *more], now).until >= frozen(windows, now).until


@settings(deadline=None)
@given(WEEKLY, MOMENTS)
def test_a_day_of_the_week_is_the_day_that_its_zone_has(window, now):
    local = now.astimezone(window.zone)
    inside = window.start < window.end and window.start <= local.time() < window.end
    if inside and local.weekday() in window.days:
        assert frozen([window], now)
