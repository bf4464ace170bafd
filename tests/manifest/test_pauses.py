"""Pauses: until when they are, and what becomes of those that are over."""

from datetime import UTC, datetime

import pytest

from reconciler.core.restraint import Pause
from reconciler.errors import ManifestInvalid
from reconciler.manifest import Context, load, resolve

UNTIL = [
    ("2026-12-01", datetime(2026, 12, 2, tzinfo=UTC)),
    ('"2026-12-31"', datetime(2027, 1, 1, tzinfo=UTC)),
    ("2026-12-01T18:00Z", datetime(2026, 12, 1, 18, tzinfo=UTC)),
    ("2026-12-01 18:00:30+02:00", datetime(2026, 12, 1, 16, 0, 30, tzinfo=UTC)),
]


def paused(until):
    return f'projects: {{a: {{paused: {{reason: "incident 42", until: {until}}}}}}}'


@pytest.mark.parametrize(("written", "until"), UNTIL, ids=[row[0] for row in UNTIL])
def test_a_date_means_its_end_and_a_time_is_in_its_zone(desired, checkout, written, until):
    checkout.project("a")
    [project] = desired(f"defaults: {{training: {{resources: {{vcpu: 1, memory: 2048}}}}}}\n{paused(written)}").projects
    assert project.paused == Pause("incident 42", until)


def test_a_pause_that_is_over_is_a_mistake_where_nobody_reads_notes(checkout, header):
    checkout.project("a")
    path = checkout.write("manifests/prod.yaml", f"{header}{paused('2026-11-30')}\n")
    stacks = checkout.root / "terraform" / "stacks"
    environment = {
        "TF_VAR_default_resource_requirements": '[{"type":"VCPU","value":"1"},{"type":"MEMORY","value":"2048"}]'
    }

    def resolved(now):
        context = Context(checkout.root, checkout.trees, stacks, strict_at=now)
        return resolve(load(path, environment), context)

    assert resolved(None).projects[0].paused
    assert resolved(datetime(2026, 11, 30, 23, 59, tzinfo=UTC)).projects[0].paused
    with pytest.raises(ManifestInvalid) as caught:
        resolved(datetime(2026, 12, 1, tzinfo=UTC))
    what = "the end of 2026-11-30 (UTC) is over; delete the pause, or give a later date"
    assert caught.value.problems == (f"{path}:7: projects.a.paused.until: {what}",)
