"""`-o markdown` says something whatever happens: what it writes becomes a comment."""

from dataclasses import replace
from pathlib import Path

import pytest

from reconciler.errors import ReadFailed
from reconciler.ports import World
from support.command_line import CommandLine
from support.fakes import Cloud, FakeAccount


class MuteAccount(FakeAccount):
    def id(self) -> str:
        raise ReadFailed("AWS did not answer: `timeout`", "look at the network")


class MuteCloud(Cloud):
    @property
    def world(self) -> World:
        return replace(super().world, account=MuteAccount(self))


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    made = CommandLine(tmp_path / "team", monkeypatch)
    made.want("churn", deployment={"version": 1})
    return made


COMMANDS = {"--dry-run": "plan", "--parallelism 1": "plan", "drift": "survey", "validate": "plan"}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_mistake_of_a_manifest_is_in_the_markdown(line, command):
    line.projects["churn"] = {"deployment": {"version": 0}, "trainning": {}}
    line.save()
    ran = line.run(*command.split(), "-o", "markdown")
    title = "## `manifests/prod.yaml`\n\n"
    assert ran.code == 3
    assert ran.out.startswith(f"{title}**No {COMMANDS[command]}: the manifest is not valid, with 2 mistakes.**\n")
    assert "\n- `manifests/prod.yaml:11` projects.churn.deployment.version: " in ran.out
    assert "\n- `manifests/prod.yaml:12` projects.churn.trainning: " in ran.out
    assert "\nmanifests/prod.yaml:12: projects.churn.trainning: " in ran.out


@pytest.mark.parametrize("command", ["--dry-run", "--parallelism 1", "drift"])
def test_another_account_is_told_in_the_markdown(line, command):
    line.header["account"] = "999999999999"
    line.save()
    ran = line.run(*command.split(), "-o", "markdown")
    assert ran.code == 4
    assert "## `acme-test`\n" in ran.out
    assert ": it was refused.**\n\n- **these credentials are for account 123456789012" in ran.out


def test_an_environment_that_does_not_answer_is_told_in_the_markdown(line):
    line.cloud = MuteCloud()
    ran = line.run("drift", "-o", "markdown")
    assert ran.code == 1
    assert "- **AWS did not answer: \\`timeout\\`** look at the network\n" in ran.out


def test_nothing_of_it_is_written_for_those_who_asked_for_text(line):
    line.header["account"] = "999999999999"
    line.save()
    assert "##" not in line.run("--dry-run").out


def test_a_valid_manifest_is_told_in_markdown(line):
    assert line.run("validate", "-o", "markdown").out == (
        "## `acme-test`\n\n**manifests/prod.yaml is valid: 1 project**\n"
    )
