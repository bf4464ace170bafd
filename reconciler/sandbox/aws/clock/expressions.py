"""When a schedule is due: EventBridge Scheduler's `rate(…)` and `cron(…)`.

Of cron, everything but `W`, the weekday nearest to a day.
"""

import calendar
import re
from datetime import datetime, timedelta

RATE = re.compile(r"^rate\((\d+) (minute|hour|day)s?\)$")
CRON = re.compile(r"^cron\((\S+ \S+ \S+ \S+ \S+ \S+)\)$")
ITEM = re.compile(r"^(?P<first>\*|\d+)(?:-(?P<last>\d+))?(?:/(?P<step>\d+))?$")
MONTHS = {name.upper(): str(number) for number, name in enumerate(calendar.month_abbr) if number}
DAYS = {name: str(number) for number, name in enumerate(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"), 1)}
LIMITS = ((0, 59), (0, 23), (1, 31), (1, 12), (1, 7), (1970, 2199))
"""Least and most of: minute, hour, day of month, month, day of week from Sunday, year."""


def due(expression: str, anchor: datetime, before: datetime, now: datetime) -> bool:
    """Whether a schedule that began at `anchor` fires after `before`, at the latest `now`, all in its own time zone.

    A cron expression fires in the minute of `now` alone. Raises ValueError for an expression that is not understood.
    """
    rate = RATE.match(expression)
    if rate:
        every = timedelta(**{f"{rate[2]}s": int(rate[1])})
        return (now - anchor) // every > max((before - anchor) // every, 0)
    cron = CRON.match(expression)
    if not cron:
        raise ValueError(f"{expression} is neither rate(…) nor cron(…)")
    return _minute(before) != _minute(now) and matches(cron[1], now)


def matches(fields: str, moment: datetime) -> bool:
    """Whether the six fields of a cron expression name a minute. Raises ValueError for one that is not understood."""
    minute, hour, day, month, weekday, year = fields.split()
    plain = zip(
        (minute, hour, _numbers(month, MONTHS), year),
        (moment.minute, moment.hour, moment.month, moment.year),
        (LIMITS[0], LIMITS[1], LIMITS[3], LIMITS[5]),
        strict=True,
    )
    return (
        all(_in_list(field, value, limits) for field, value, limits in plain)
        and any(_is_day(item, moment) for item in day.split(","))
        and any(_is_weekday(item, moment) for item in _numbers(weekday, DAYS).split(","))
    )


def _is_day(item: str, moment: datetime) -> bool:
    if item == "L":
        return moment.day == calendar.monthrange(moment.year, moment.month)[1]
    return item == "?" or _in_item(item, moment.day, LIMITS[2])


def _is_weekday(item: str, moment: datetime) -> bool:
    today = moment.isoweekday() % 7 + 1
    if "#" in item:
        weekday, _, week = item.partition("#")
        return today == int(weekday) and (moment.day - 1) // 7 + 1 == int(week)
    if item.endswith("L"):
        last_week = moment.day + 7 > calendar.monthrange(moment.year, moment.month)[1]
        return today == int(item[:-1] or 7) and (last_week or item == "L")
    return item == "?" or _in_item(item, today, LIMITS[4])


def _in_list(field: str, value: int, limits: tuple[int, int]) -> bool:
    return any(_in_item(item, value, limits) for item in field.split(","))


def _in_item(item: str, value: int, limits: tuple[int, int]) -> bool:
    found = ITEM.match(item)
    if not found:
        raise ValueError(f"{item} is not understood in a cron expression")
    first = limits[0] if found["first"] == "*" else int(found["first"])
    alone = found["first"] != "*" and not found["step"]
    last = int(found["last"] or (first if alone else limits[1]))
    return first <= value <= last and (value - first) % int(found["step"] or 1) == 0


def _numbers(field: str, names: dict[str, str]) -> str:
    return re.sub(r"[A-Z]{3}", lambda name: names.get(name[0], name[0]), field)


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)
