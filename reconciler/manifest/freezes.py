"""Freezes: what a manifest may say of them, and the windows of time that it means."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache

from reconciler.core.freeze import Once, Weekly, Window, earliest, latest
from reconciler.manifest.moments import DAYS, Edge
from reconciler.manifest.problem import Problem, Where, shown, suggestion
from reconciler.manifest.schema import Freeze, ManifestFile

MIDNIGHT = time()
MOST = 1000
"""Freezes of one manifest."""


def broken_freezes(file: ManifestFile) -> Iterator[Problem]:
    """Every rule that a freeze breaks by itself."""
    if len(file.freeze) > MOST:
        what = f"holds {len(file.freeze)} freezes, and every plan looks at each of them; keep {MOST}, and delete others"
        yield Problem(("freeze",), what)
    for index, freeze in enumerate(file.freeze):
        where: Where = ("freeze", index)
        if len(set(freeze.days)) < len(freeze.days):
            yield Problem((*where, "days"), "names a day twice; leave one of them out")
        edges = list(_wrong_edges(freeze, where))
        yield from edges
        unknown = _unknown_zone(freeze.time_zone)
        if unknown:
            yield Problem((*where, "time_zone"), unknown)
        if not (edges or unknown or freeze.days):
            yield from _backwards(freeze, where)


def window_of(written: Freeze) -> Window:
    """The window of a freeze that breaks no rule."""
    zone = find_zone(written.time_zone)
    start, end = written.from_, written.to
    if written.days:
        days = frozenset(DAYS.index(day) for day in written.days)
        return Weekly(written.reason, days, _clock(start), _clock(end), zone)
    return Once(written.reason, _begins(start, zone), _ends(end, zone), zone)


def find_zone(name: str) -> tzinfo:
    """A time zone of the IANA database. Raises LookupError, ValueError, OSError."""
    from zoneinfo import ZoneInfo  # only a manifest with freezes should wait for it

    return UTC if name == "UTC" else ZoneInfo(name)


def _unknown_zone(name: str) -> str:
    try:
        find_zone(name)
    except (LookupError, ValueError, OSError):
        known = _known_zones()
        remedy = suggestion(name, known) if known else "; this machine has no database: install tzdata"
        return f"{shown(name)} is not a time zone of the IANA database{remedy}"
    return ""


@lru_cache
def _known_zones() -> tuple[str, ...]:
    """Looking for them reads some hundred files."""
    from zoneinfo import available_timezones

    return tuple(sorted(available_timezones()))


def _wrong_edges(freeze: Freeze, where: Where) -> Iterator[Problem]:
    for key, edge in (("from", freeze.from_), ("to", freeze.to)):
        if freeze.days and edge is not None and not isinstance(edge, time):
            yield Problem((*where, key), 'is of one day, and `days` come every week; write a time such as "18:00"')
        if not freeze.days and isinstance(edge, time):
            yield Problem((*where, key), "is a time of no day; write a date, or the days of every week as `days`")
        if not freeze.days and edge is None:
            yield Problem((*where, key), "is missing; write a date, or the days of every week as `days`")


def _backwards(freeze: Freeze, where: Where) -> Iterator[Problem]:
    window = window_of(freeze)
    if isinstance(window, Once) and window.end <= window.start:
        yield Problem((*where, "to"), "is not later than from; a freeze ends after it began")


def _clock(edge: Edge | None) -> time:
    return edge if isinstance(edge, time) else MIDNIGHT


def _begins(edge: Edge | None, zone: tzinfo) -> datetime:
    match edge:
        case datetime():
            return edge.astimezone(UTC) if edge.tzinfo else earliest(edge.date(), edge.time(), zone)
        case date():
            return earliest(edge, MIDNIGHT, zone)
    raise ValueError(edge)


def _ends(edge: Edge | None, zone: tzinfo) -> datetime:
    match edge:
        case datetime():
            return edge.astimezone(UTC) if edge.tzinfo else latest(edge.date(), edge.time(), zone)
        case date():
            return latest(edge + timedelta(days=1), MIDNIGHT, zone)
    raise ValueError(edge)
