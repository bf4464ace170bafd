"""Freezes: windows of time in which nothing is changed. They deny, and nothing overrides them."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

HOPS = 100
"""Windows that follow one another without a gap, at most, before their end is not looked for any further."""


@dataclass(frozen=True, slots=True)
class Once:
    """One window."""

    reason: str
    start: datetime
    end: datetime
    """The first moment that is free again."""
    zone: tzinfo = UTC
    """In which people say its times."""


@dataclass(frozen=True, slots=True)
class Weekly:
    """A window on each of some days of every week."""

    reason: str
    days: frozenset[int]
    """0 is Monday."""
    start: time = time()
    end: time = time()
    """Of the next day, when it is not later than the start."""
    zone: tzinfo = UTC


Window = Once | Weekly


@dataclass(frozen=True, slots=True)
class Freeze:
    """What holds now."""

    reason: str
    until: datetime
    """The first moment that is free again, windows that follow at once included."""
    zone: tzinfo


def frozen(windows: Collection[Window], now: datetime) -> Freeze | None:
    """The freeze that holds, if one does."""
    first = _holding(windows, now)
    if first is None:
        return None
    window, until = first
    for _ in range(HOPS):
        following = _holding(windows, until)
        if following is None:
            break
        until = following[1]
    return Freeze(window.reason, until, window.zone)


def _holding(windows: Collection[Window], now: datetime) -> tuple[Window, datetime] | None:
    """The window that holds longest, and its end."""
    holding = ((window, end) for window in windows for start, end in _spans(window, now) if start <= now < end)
    return max(holding, key=lambda held: (held[1], held[0].reason), default=None)


def _spans(window: Window, now: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Start and end, UTC, of each time that the window is near."""
    if isinstance(window, Once):
        yield window.start, window.end
        return
    today = now.astimezone(window.zone).date()
    for day in (today + timedelta(days=offset) for offset in (-1, 0, 1)):
        if day.weekday() in window.days:
            last = day if window.end > window.start else day + timedelta(days=1)
            yield earliest(day, window.start, window.zone), latest(last, window.end, window.zone)


def earliest(day: date, clock: time, zone: tzinfo) -> datetime:
    """The moment, UTC, at which a freeze begins that people say so: a clock that is put back shows it twice."""
    return min(_moments(day, clock, zone))


def latest(day: date, clock: time, zone: tzinfo) -> datetime:
    """The moment, UTC, at which a freeze ends that people say so."""
    return max(_moments(day, clock, zone))


def _moments(day: date, clock: time, zone: tzinfo) -> list[datetime]:
    """Where a clock is put forward or back, there are two readings: the one before that, and the one after."""
    return [datetime.combine(day, clock, zone).replace(fold=fold).astimezone(UTC) for fold in (0, 1)]
