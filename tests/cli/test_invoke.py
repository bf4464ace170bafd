"""`reconcile invoke`: what it sends, and that it says that something answers when it has."""

from dataclasses import replace

import pytest

from reconciler.cli import run
from reconciler.core import names
from reconciler.errors import PredictionFailed
from support.builders import PLATFORM
from support.command_line import CommandLine

ENDPOINT = names.endpoint(PLATFORM, "churn")


@pytest.fixture
def team(tmp_path, monkeypatch) -> CommandLine:
    """Version 1 of churn serves."""
    line = CommandLine(tmp_path / "team", monkeypatch)
    line.want("churn", deployment={"version": 1})
    assert line.run("--wait").code == 0
    (line.root / "body.json").write_text("{}")
    return line


def invoked(team: CommandLine) -> tuple[int, str]:
    ran = team.run("invoke", "churn", "-d", "body.json")
    return ran.code, ran.out


def test_what_answered_is_named_above_its_answer(team):
    configuration = team.cloud.endpoints[ENDPOINT].configuration
    assert invoked(team) == (0, f"{configuration} answers:\n{configuration}\n")


def test_nothing_is_said_to_answer_that_refuses(team, monkeypatch):
    def refuse(*_: object) -> bytes:
        raise PredictionFailed("the model behind endpoint churn answered 400: no column x", "compare it")

    monkeypatch.setattr("support.fakes.FakeEndpoints.invoke", refuse)
    assert invoked(team) == (1, "the model behind endpoint churn answered 400: no column x\n  compare it\n")


@pytest.mark.parametrize("status", ["Creating", "Failed", "OutOfService", "Deleting"])
def test_an_endpoint_that_serves_nothing_is_not_asked_and_says_how_it_stands(team, status):
    team.cloud.endpoints[ENDPOINT] = replace(team.cloud.endpoints[ENDPOINT], status=status, failure="no module x")
    code, out = invoked(team)
    assert code == 1
    assert out == (
        f"nothing of churn answers, for its endpoint is {status}: no module x\n"
        "  its containers' log may say more: reconcile logs churn --endpoint\n"
    )


@pytest.mark.parametrize("status", ["Updating", "RollingBack", "SystemUpdating", "UpdateRollbackFailed"])
def test_an_endpoint_that_changes_serves_on_and_is_asked(team, status):
    team.cloud.endpoints[ENDPOINT] = replace(team.cloud.endpoints[ENDPOINT], status=status)
    assert invoked(team)[0] == 0


def test_a_project_without_an_endpoint_is_told_to_pin_a_version(team):
    team.want("churn")
    team.cloud.endpoints.clear()
    assert invoked(team) == (1, "churn has no endpoint\n  pin a version in the manifest, and reconcile\n")


@pytest.mark.parametrize(
    ("name", "words", "kind"),
    [
        ("rows.csv", (), "text/csv"),
        ("ROWS.CSV", (), "text/csv"),
        ("rows.json", (), "application/json"),
        ("rows", (), "application/json"),
        ("rows.csv", ("--content-type", "application/json"), "application/json"),
    ],
)
def test_a_request_is_sent_as_what_its_file_is_called(tmp_path, monkeypatch, capsys, name, words, kind):
    sent = []

    def invoke(path, project, body, content_type):
        sent.append((project, body, content_type))
        return "{}"

    monkeypatch.setattr("reconciler.commands.loop.invoke_command", invoke)
    (tmp_path / name).write_bytes(b"a,b\n1,2\n")
    code = run(["-m", "manifests/sandbox.yaml", "invoke", "churn", "--data", str(tmp_path / name), *words])
    assert (code, sent) == (0, [("churn", b"a,b\n1,2\n", kind)]), capsys.readouterr()


@pytest.mark.parametrize(
    "command",
    [
        "invoke chrun -d body.json",
        "history chrun",
        "trace chrun",
        "logs chrun",
        "train chrun --dry-run",
        "retry chrun --dry-run",
        "drift --project chrun",
        "--project chrun --dry-run",
    ],
)
def test_a_name_that_nobody_has_is_told_in_the_same_words_by_every_command(team, command):
    ran = team.run(*command.split())
    assert ran.code == 1
    assert "no project named chrun; did you mean churn?\n  known are: churn" in ran.out


def test_the_history_of_a_project_that_is_gone_and_was_once_changed_is_still_there(team):
    team.projects.clear()
    assert team.run("--allow-retire", "churn").code == 0
    assert team.run("history", "churn").code == 0
