"""EventBridge Scheduler's grammar, as its user guide writes it."""

import pytest

from reconciler.manifest.schedule import faults

GOOD = [
    "rate(1 hour)",
    "rate(1 hours)",
    "rate(12 hours)",
    "rate(90 minutes)",
    "rate(7 days)",
    "cron(0 3 ? * MON *)",
    "cron(15 10 * * ? *)",
    "cron(0 18 ? * MON-FRI *)",
    "cron(0 8 1 * ? *)",
    "cron(0/10 * ? * MON-FRI *)",
    "cron(0/5 8-17 ? * MON-FRI *)",
    "cron(0 9 ? * 2#1 *)",
    "cron(0 9 ? * MON#1 *)",
    "cron(0 9 ? * 6L *)",
    "cron(0 0 L * ? *)",
    "cron(0 0 LW * ? *)",
    "cron(0 0 15W * ? 2026-2030)",
    "cron(0,15,30,45 */6 ? JAN,JUL SUN,SAT 2027)",
    "cron(1-59/2 0 31 12 ? *)",
]
BAD = [
    "rate(0 hours)",
    "rate(1.5 hours)",
    "rate(-1 hours)",
    "rate(1 week)",
    "rate(1)",
    "rate(hours)",
    "rate(1  hour)",
    "cron( 0 3 ? * MON *)",
    "cron(0 3  ? * MON *)",
    "cron(0 3 ? * MON *\n)",
    "cron(0 3 ? * MON)",
    "cron(0 3 ? * MON * *)",
    "cron(0 3 * * MON *)",
    "cron(0 3 ? * ? *)",
    "cron(0 3 1 * MON *)",
    "cron(? 3 ? * MON *)",
    "cron(60 3 ? * MON *)",
    "cron(0 24 ? * MON *)",
    "cron(0 3 0 * ? *)",
    "cron(0 3 32 * ? *)",
    "cron(0 3 32W * ? *)",
    "cron(0 3 ? 0 MON *)",
    "cron(0 3 ? MON MON *)",
    "cron(0 3 ? * 8 *)",
    "cron(0 3 ? * 2#6 *)",
    "cron(0 3 ? * MON 1969)",
    "cron(0 3 ? * MON 2200)",
    "cron(10-5 3 ? * MON *)",
    "cron(0/0 3 ? * MON *)",
    "cron(0/60 3 ? * MON *)",
    "cron(*-5 3 ? * MON *)",
    "cron(0, 3 ? * MON *)",
    "cron(L 3 ? * MON *)",
    f"cron({'0' * 5000} 3 ? * MON *)",
]


@pytest.mark.parametrize("schedule", GOOD)
def test_a_schedule_of_the_user_guides_form_has_no_fault(schedule):
    assert list(faults(schedule)) == []


@pytest.mark.parametrize("schedule", BAD, ids=lambda schedule: schedule[:40])
def test_a_schedule_that_would_never_be_taken_has_one_fault(schedule):
    assert len(list(faults(schedule))) == 1


def test_every_field_that_is_wrong_is_told():
    told = list(faults("cron(60 24 32 13 ? 1969)"))
    assert [sentence.split(",")[0] for sentence in told] == [
        "'60' is no value for minutes",
        "'24' is no value for hours",
        "'32' is no value for day of month",
        "'13' is no value for month",
        "'1969' is no value for year",
    ]
