"""The reconciler dies at every call that it makes, and Terraform with it or without: the next run makes it good."""

from collections.abc import Sequence

import pytest

from support.chaos.figures import LONG, Record, tell
from support.chaos.gate import Mode
from support.chaos.lab import Lab
from support.chaos.lifecycle import STEPS, Step

pytestmark = pytest.mark.servers

ALL = [(step, mode) for step in STEPS for mode in Mode]
TRIED = list(enumerate(ALL))[:: 1 if LONG else 3]
GOLDEN = 0.618
"""Its multiples, without what stands before the point, are spread evenly however many there are."""
SHOWN = 5
"""Trials that failed and are told in full."""


@pytest.mark.parametrize(
    ("number", "step", "mode"),
    [pytest.param(number, step, mode, id=f"{step.name}-{mode.name.lower()}") for number, (step, mode) in TRIED],
)
def test_whatever_is_killed_the_next_run_converges(
    number: int, step: Step, mode: Mode, lab: Lab, record_property: Record
) -> None:
    stage = lab.stage(step)
    every = range(1, (stage.works if mode is Mode.MACHINE else stage.calls) + 1)
    trials = [lab.trial(step, stage.before, at, mode) for at in (every if LONG else _one(every, number))]
    tried = [trial for trial in trials if trial.fired]
    lost = [trial for trial in tried if not trial.survived]
    tell(record_property, "crash matrix", points_tried=len(tried), survived=len(tried) - len(lost))
    assert not lost, "\n".join([f"{len(lost)} of {len(tried)}", *map(str, lost[:SHOWN])])


def _one(every: Sequence[int], number: int) -> Sequence[int]:
    return [every[int(len(every) * (number * GOLDEN % 1))]]
