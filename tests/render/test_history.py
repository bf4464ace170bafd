"""What a person reads of the history."""

from dataclasses import replace

import pytest

from reconciler.core.history import Outcome, ProjectRecord
from reconciler.render.history import history_lines
from support.builders import record

DONE = ProjectRecord("churn", 1, 2, ("BuildModelImage", "Update"), Outcome.DONE, 8.24)
FAILED = ProjectRecord("ranker", 3, 3, (), Outcome.FAILED, 127.0, "terraform apply failed:\n  no capacity", "wait")


def test_a_run_and_its_projects_fit_into_eighty_columns():
    assert history_lines([record(DONE, FAILED, code=1)], None) == (
        "2026-01-01 12:00  ccccccc  ann (push), exit 1",
        "  churn                     1 -> 2        done            8.2 s",
        "  ranker                    3             failed          2 min",
        "    terraform apply failed:",
    )


def test_one_project_is_shown_alone():
    lines = history_lines([record(DONE, FAILED)], "churn")
    assert [line.split()[0] for line in lines] == ["2026-01-01", "churn"]


def test_a_reason_too_long_for_the_terminal_is_cut():
    [_, reason] = history_lines([record(code=1, error="x" * 200)], None)
    assert (len(reason), reason[-3:]) == (80, "...")


@pytest.mark.parametrize(
    ("before", "after", "seconds", "told"),
    [
        (None, 1, 0.04, ["-", "->", "1", "done", "0.0", "s"]),
        (1, None, 3599, ["1", "->", "-", "done", "59", "min"]),
        (None, None, 3660, ["-", "done", "1", "h", "1", "min"]),
    ],
)
def test_versions_and_durations_are_short(before, after, seconds, told):
    [_, line] = history_lines([record(replace(DONE, before=before, after=after, seconds=seconds))], None)
    assert line.split()[1:] == told
