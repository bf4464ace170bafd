"""How moments are said, and when a pause holds."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from reconciler.core.restraint import Pause, said

BERLIN = ZoneInfo("Europe/Berlin")
SAID = [
    (datetime(2026, 12, 2, tzinfo=UTC), UTC, "the end of 2026-12-01 (UTC)"),
    (datetime(2026, 12, 2, 18, 30, tzinfo=UTC), UTC, "2026-12-02 18:30 (UTC)"),
    (datetime(2026, 12, 2, 23, tzinfo=UTC), BERLIN, "the end of 2026-12-02 (Europe/Berlin)"),
    (datetime(2026, 7, 2, 18, tzinfo=UTC), BERLIN, "2026-07-02 20:00 (Europe/Berlin)"),
]


@pytest.mark.parametrize(("moment", "zone", "words"), SAID, ids=[row[2] for row in SAID])
def test_a_moment_is_said_as_people_of_the_zone_say_it(moment, zone, words):
    assert said(moment, zone) == words


def test_a_pause_holds_until_its_end_and_not_at_it():
    pause = Pause("incident 42", datetime(2026, 12, 2, tzinfo=UTC))
    assert pause.holds(datetime(2026, 12, 1, 23, 59, 59, tzinfo=UTC))
    assert not pause.holds(pause.until)
