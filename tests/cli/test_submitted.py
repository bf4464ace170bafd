"""A training that nobody waits for is submitted, and not done: in every form in which a run is told."""

import json

import pytest

from support.command_line import CommandLine

MADE = "1 submitted, 0 failed, 0 not begun"


@pytest.fixture
def team(tmp_path, monkeypatch) -> CommandLine:
    line = CommandLine(tmp_path / "team", monkeypatch)
    line.want("churn")
    return line


def test_in_text_with_what_shows_its_end(team):
    ran = team.run()
    assert ran.code == 0
    assert ": submitted (" in next(
        row for row in ran.out.splitlines() if row.startswith("churn: train ") and "(" in row
    )
    assert f"Applied: 3 done, {MADE}.\n" in ran.out
    assert ran.out.endswith("churn trains in AWS; to see it to its end: reconcile logs churn --follow\n")


def test_in_a_document(team):
    team.run("--out", "run.json")
    [one] = json.loads((team.root / "run.json").read_text())["rounds"]
    report = one["report"]["churn"]
    assert [step.partition(" ")[0] for step in report["done"]] == ["provision", "build"]
    assert [step.partition(" ")[0] for step in report["submitted"]] == ["train"]


def test_in_markdown(team):
    assert f"**Applied: 3 done, {MADE}.**" in team.run("-o", "markdown").out


def test_in_the_history_it_is_pending(team):
    team.run()
    assert "pending" in team.run("history", "churn").out


def test_one_that_is_waited_for_is_done(team):
    ran = team.run("--wait")
    assert "submitted" not in ran.out
    assert "Applied: 4 done, 0 failed, 0 not begun." in ran.out
