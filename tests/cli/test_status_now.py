"""`reconcile status` after something went wrong and was made good: the real command line on a cloud in memory."""

import pytest

from reconciler.core.observed import ModelVersion
from support.command_line import CommandLine

FREEZE = {"reason": "end of year", "from": "2025-12-24", "to": "2026-01-06"}


class _Everything(set):  # type: ignore[type-arg]
    """Holds whatever is asked for."""

    def __contains__(self, _item: object) -> bool:
        return True


@pytest.fixture
def team(tmp_path, monkeypatch) -> CommandLine:
    """Version 1 of churn serves."""
    line = CommandLine(tmp_path / "team", monkeypatch)
    line.want("churn", deployment={"version": 1})
    assert line.run("--wait").code == 0
    return line


def status(team: CommandLine) -> str:
    return team.run("status").out


def test_a_freeze_is_told_once_while_it_holds_and_not_after_it_was_lifted(team):
    team.header["freeze"] = [FREEZE]
    team.want("churn", deployment={"version": 1}, owner="search")
    assert team.run().code == 0
    assert status(team).count("frozen until") == 1
    del team.header["freeze"]
    team.save()
    told = status(team)
    assert "frozen" not in told
    assert "to do (CHANGED): " in told


def test_the_reason_of_a_refused_release_stands_there_once_and_the_end_of_its_log_below_the_table(team):
    team.cloud.versions["churn"] = (*team.cloud.versions["churn"], ModelVersion(2, "churn-run-1"))
    team.cloud.rolls_back = _Everything()
    team.cloud.rollback_reason = "did not pass the ping health check"
    team.cloud.logs = {"acme-test-churn": "epoch 1\nValueError: no age"}
    team.want("churn", deployment={"version": 2})
    assert team.run().code == 1
    told = status(team)
    assert " ".join(told.split()).count("did not pass the ping health check") == 1
    assert "last error" not in told
    assert told.endswith(
        "\nchurn: version 2 was refused by SageMaker, the end of its log:\n    | epoch 1\n    | ValueError: no age\n"
    )


def test_a_failed_training_is_told_once_and_no_more_when_a_later_one_has_made_it_good(team):
    team.cloud.fails_to_train = {"churn"}
    (team.root / "ml-projects/churn/train.py").write_text("raise ValueError\n")
    team.commit()
    assert team.run("train", "churn", "--wait").code == 1
    told = status(team)
    assert told.count("exit code 1") == 1
    assert "last error" not in told
    team.cloud.fails_to_train = set()
    assert team.run("train", "churn").code == 0
    team.cloud.world.jobs.wait(team.cloud.jobs[0][1].id, print)
    assert "exit code 1" not in status(team)
