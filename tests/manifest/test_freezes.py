"""Freezes: the windows of time that a manifest means."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from reconciler.core.freeze import Once, Weekly

BERLIN = ZoneInfo("Europe/Berlin")


def utc(*when):
    return datetime(*when, tzinfo=UTC)


FREEZES = {
    "from: 2026-12-24, to: 2026-12-26": Once("audit", utc(2026, 12, 24), utc(2026, 12, 27)),
    "from: 2026-12-24, to: 2026-12-24": Once("audit", utc(2026, 12, 24), utc(2026, 12, 25)),
    "from: 2026-12-24, to: 2026-12-26, time_zone: Europe/Berlin": Once(
        "audit", utc(2026, 12, 23, 23), utc(2026, 12, 26, 23), BERLIN
    ),
    "from: 2026-07-01T18:00, to: 2026-07-02 06:30, time_zone: Europe/Berlin": Once(
        "audit", utc(2026, 7, 1, 16), utc(2026, 7, 2, 4, 30), BERLIN
    ),
    "from: 2026-07-01T18:00Z, to: 2026-07-02T06:00+02:00, time_zone: Europe/Berlin": Once(
        "audit", utc(2026, 7, 1, 18), utc(2026, 7, 2, 4), BERLIN
    ),
    "days: [sat, sun]": Weekly("audit", frozenset({5, 6})),
    'days: [fri], from: "18:00", to: "08:00", time_zone: Europe/Berlin': Weekly(
        "audit", frozenset({4}), time(18), time(8), BERLIN
    ),
}


@pytest.mark.parametrize(("written", "window"), FREEZES.items(), ids=FREEZES)
def test_a_freeze_is_a_window_of_its_zone(desired, written, window):
    assert desired(f"freeze: [{{reason: audit, {written}}}]\nprojects: {{}}").freeze == (window,)


def test_a_manifest_without_freezes_has_none(desired):
    assert desired("projects: {}").freeze == ()
