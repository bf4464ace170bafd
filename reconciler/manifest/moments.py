"""Dates and times as people write them. Each function raises ValueError for text of another form."""

import re
from datetime import UTC, date, datetime, time, timedelta

_DATE = r"20[0-9]{2}-[0-9]{2}-[0-9]{2}"
_TIME = r"[0-9]{2}:[0-9]{2}(?::[0-9]{2})?"
_MOMENT = re.compile(rf"({_DATE})(?:[T ]({_TIME}) ?(Z|[+-][0-9]{{2}}:[0-9]{{2}}))?")
_EDGE = re.compile(rf"({_DATE})(?:[T ]({_TIME}) ?(Z|[+-][0-9]{{2}}:[0-9]{{2}})?)?")
_CLOCK = re.compile("[0-9]{2}:[0-9]{2}")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Edge = date | datetime | time
"""Where a freeze begins or ends; a datetime without a zone is of the freeze's."""
EDGE = 'a date such as 2026-12-24, a time such as 2026-12-24T18:00, or beside `days` a time of day such as "18:00"'
UNTIL = "a date such as 2026-12-01, or a time with its zone such as 2026-12-01T18:00Z or 2026-12-01T18:00+02:00"


def edge(text: str) -> Edge:
    """A date, a moment or a time of day."""
    if _CLOCK.fullmatch(text):
        return time.fromisoformat(text)
    match = _EDGE.fullmatch(text)
    if match is None:
        raise ValueError(text)
    day, clock, zone = match.groups()
    return datetime.fromisoformat(f"{day}T{clock}{zone or ''}") if clock else date.fromisoformat(day)


def until(text: str) -> datetime:
    """The first moment, UTC, after a date or at a time with its zone."""
    match = _MOMENT.fullmatch(text)
    if match is None:
        raise ValueError(text)
    day, clock, zone = match.groups()
    if clock is None:
        return datetime.combine(date.fromisoformat(day) + timedelta(days=1), time(), UTC)
    return datetime.fromisoformat(f"{day}T{clock}{zone}").astimezone(UTC)
