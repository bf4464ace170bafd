"""Two projects live in bad weather: it converges or says what it does not know, and deletes nothing wrong."""

import pytest

from support.chaos.figures import LONG, Record, tell
from support.chaos.lab import Lab, things
from support.chaos.lifecycle import STEPS, Step
from support.chaos.weather import Weather

pytestmark = pytest.mark.servers

SEEDS = 10 if LONG else 1
RUNS = 8
"""Until a step has come through."""
SECONDS = 2.0 if LONG else 0.05
STEPS_TRIED = STEPS if LONG else STEPS[2:3]


@pytest.mark.parametrize("step", STEPS_TRIED, ids=lambda step: step.name)
def test_in_bad_weather_a_step_converges_and_deletes_nothing_wrong(
    step: Step, lab: Lab, record_property: Record
) -> None:
    stage = lab.stage(step)
    for seed in range(SEEDS):
        lab.cloud.restore(stage.before)
        lab.cloud.gate.arm()
        weather = Weather(seed, seconds=SECONDS)
        kept = {thing for thing in things() if not _may_go(thing[1], step)}
        for number in range(1, RUNS + 1):
            lab.cloud.gate.weather = weather
            ran = lab.run(*step.words)
            lab.cloud.gate.weather = None  # whatever comes of it: the cloud is shared
            assert "Traceback" not in ran.out, ran
            assert ran.code in (0, 1), ran
            assert not kept - set(things()), f"run {number}, weather {seed}: {kept - set(things())}: {ran}"
            if ran.code == 0:
                break
        last = lab.run(*step.words)
        assert last.code == 0, last
        assert not lab.faults(step), "\n".join([f"weather {seed}", *lab.faults(step)])
        counts = {name: weather.met[name] for name in ("throttled", "slow", "halved", "old")}
        tell(record_property, "faults", steps=1, runs=number, **counts, wrong_deletions=0)


def _may_go(name: str, step: Step) -> bool:
    """What the step is to delete, or to put another revision in the place of."""
    retired = any(project in name for project in step.sources if project not in step.pins)
    return retired or "job-definition" in name
