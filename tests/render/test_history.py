"""What a person reads of the history."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from reconciler.core.history import Outcome, ProjectRecord
from reconciler.render.history import show_history
from support.builders import record

DONE = ProjectRecord("churn", 1, 2, ("BuildModelImage", "Update"), Outcome.DONE, 8.24)
FAILED = ProjectRecord("ranker", 3, 3, (), Outcome.FAILED, 127.0, "terraform apply failed:\n  no capacity", "wait")


def history(records, project=None, width=80) -> list[str]:
    console = Console(file=io.StringIO(), width=width, highlight=False)
    show_history(records, project, console)
    return console.file.getvalue().splitlines()


def test_a_run_and_its_projects_fit_into_eighty_columns():
    assert history([record(DONE, FAILED, code=1)]) == [
        "2026-01-01 12:00  ccccccc  ann (push), exit 1",
        "  churn                     1 -> 2        done              8.2 s",
        "  ranker                    3             failed        2 min 7 s",
        "    terraform apply failed:",
    ]


def test_one_project_is_shown_alone():
    lines = history([record(DONE, FAILED)], "churn")
    assert [line.split()[0] for line in lines] == ["2026-01-01", "churn"]


@pytest.mark.parametrize("width", [80, 120])
def test_a_reason_takes_three_lines_and_is_cut_then(width):
    _, *reason = history([record(code=1, error="x" * 999)], width=width)
    assert len(reason) == 3
    assert reason[-1].endswith("xxx...")


def test_a_name_that_is_longer_than_its_column_has_a_line_of_its_own():
    [_, long, rest, short] = history([record(replace(DONE, project="n" * 64), DONE)])
    assert long == f"  {'n' * 64}"
    assert rest.index("1 -> 2") == short.index("1 -> 2")
    [_, long, _] = history([record(replace(DONE, project="n" * 64), DONE)], width=120)
    assert "1 -> 2" in long


@pytest.mark.parametrize(
    ("before", "after", "seconds", "told"),
    [
        (None, 1, 0.04, ["-", "->", "1", "done", "0.0", "s"]),
        (1, None, 3599, ["1", "->", "-", "done", "59", "min", "59", "s"]),
        (None, None, 3660, ["-", "done", "1", "h", "1", "min"]),
    ],
)
def test_versions_and_durations_are_short(before, after, seconds, told):
    [_, line] = history([record(replace(DONE, before=before, after=after, seconds=seconds))])
    assert line.split()[1:] == told
