"""EventBridge Scheduler's grammar of schedules, told before AWS tells it.

https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_RATE = re.compile(r"[1-9][0-9]{0,8} (minutes?|hours?|days?)")
_ITEM = re.compile(r"(?P<first>\*|[0-9A-Z]{1,4})(-(?P<last>[0-9A-Z]{1,4}))?(/(?P<step>[0-9]{1,4}))?")
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
DAY_OF_MONTH, DAY_OF_WEEK = 2, 4


@dataclass(frozen=True, slots=True)
class Field:
    """One of the six fields of a cron expression."""

    name: str
    least: int
    most: int
    words: tuple[str, ...] = ()
    """Names of its values, the first for `least`."""
    special: str = r"(?!)"
    """Form of what only this field can say."""


FIELDS = (
    Field("minutes", 0, 59),
    Field("hours", 0, 23),
    Field("day of month", 1, 31, special=r"L|LW|(?:[1-9]|[12][0-9]|3[01])W"),
    Field("month", 1, 12, _MONTHS),
    Field("day of week", 1, 7, _DAYS, special=r"L|[1-7]L|(?:[1-7]|SUN|MON|TUE|WED|THU|FRI|SAT)#[1-5]"),
    Field("year", 1970, 2199),
)


def faults(schedule: str) -> Iterator[str]:
    """A sentence for each mistake in `cron(…)` or `rate(…)`."""
    kind, _, inner = schedule.removesuffix(")").partition("(")
    if kind == "cron":
        yield from _cron_faults(inner)
    elif not _RATE.fullmatch(inner):
        yield f"{inner!r} is no rate, because EventBridge Scheduler takes a whole number of minutes, hours or days"


def _cron_faults(inner: str) -> Iterator[str]:
    parts = inner.split(" ")
    if len(parts) != len(FIELDS):
        names = ", ".join(field.name for field in FIELDS)
        yield f"has {len(parts)} fields, and EventBridge Scheduler's cron takes {len(FIELDS)}: {names}"
        return
    for index, (field, part) in enumerate(zip(FIELDS, parts, strict=True)):
        if not (part == "?" and index in (DAY_OF_MONTH, DAY_OF_WEEK)) and not _is_list(part, field):
            yield f"{part!r} is no value for {field.name}, because EventBridge Scheduler takes {_values(field)}"
    if (parts[DAY_OF_MONTH] == "?") == (parts[DAY_OF_WEEK] == "?"):
        yield "must have ? as day of month or as day of week, and not as both, because one of them says the day"


def _values(field: Field) -> str:
    words = f" or {field.words[0]} to {field.words[-1]}" if field.words else ""
    return f"{field.least} to {field.most}{words}, lists, ranges and steps"


def _is_list(part: str, field: Field) -> bool:
    return all(re.fullmatch(field.special, item) or _is_item(item, field) for item in part.split(","))


def _is_item(item: str, field: Field) -> bool:
    """Whether it is a value, a range of values, or one of the two with a step."""
    match = _ITEM.fullmatch(item)
    if match is None or (match["step"] is not None and not 1 <= int(match["step"]) <= field.most):
        return False
    if match["first"] == "*":
        return match["last"] is None
    first = _value(match["first"], field)
    last = first if match["last"] is None else _value(match["last"], field)
    return first is not None and last is not None and first <= last


def _value(word: str, field: Field) -> int | None:
    value = field.least + field.words.index(word) if word in field.words else None
    if value is None and word.isdecimal():
        value = int(word) if field.least <= int(word) <= field.most else None
    return value
