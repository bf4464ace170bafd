"""The agent that follows a branch: on a repository that people push to, and a cloud in memory."""

import threading
from pathlib import Path

import pytest
from rich.console import Console

from reconciler.adapters.checkout import GitCheckout
from reconciler.commands.agent import News, agent_command, follow, keep_on
from reconciler.core import names
from reconciler.errors import Interrupted, ManifestInvalid, ReadFailed, ReconcilerError, SourceUnusable
from reconciler.reconcile import Options, exit_code, propose, reconcile
from support.builders import PLATFORM, desired, project
from support.fakes import Cloud, Recorder
from watch.conftest import MANIFEST, publish


@pytest.fixture
def own(team: Path, tmp_path: Path, git) -> Path:
    """The agent's own checkout."""
    git(tmp_path, "clone", "--quiet", str(tmp_path / "shared.git"), "own")
    return tmp_path / "own"


def brought(own: Path, branch: str = "") -> str:
    return follow(GitCheckout(own), "origin", branch, threading.Event())


def refusal(own: Path, branch: str = "") -> SourceUnusable:
    with pytest.raises(SourceUnusable) as caught:
        brought(own, branch)
    return caught.value


def test_what_was_pushed_is_pulled(own, team, git):
    (team / "manifests" / "prod.yaml").write_text(MANIFEST + "\n# more\n")
    commit = publish(git, team, "more")
    assert brought(own) == commit
    assert git(own, "rev-parse", "HEAD") == commit
    assert (own / "manifests" / "prod.yaml").read_text().endswith("# more\n")


def test_without_anything_new_the_checkout_stays_as_it_is(own, git):
    head = git(own, "rev-parse", "HEAD")
    assert brought(own) == head == git(own, "rev-parse", "HEAD")


def test_what_git_does_not_track_is_nobodys_work(own, team, git):
    (own / ".reconcile").mkdir()
    (own / ".reconcile" / "plan").write_text("scratch")
    assert brought(own) == git(team, "rev-parse", "HEAD")


def test_changes_that_are_not_committed_are_told_and_left(own, team, git):
    (own / "manifests" / "prod.yaml").write_text("# mine\n")
    before = git(own, "rev-parse", "HEAD")
    publish_change(team, git)
    assert "not committed, so nothing is applied: manifests/prod.yaml" in refusal(own).what
    assert (own / "manifests" / "prod.yaml").read_text() == "# mine\n"
    assert git(own, "rev-parse", "HEAD") == before


def publish_change(team: Path, git) -> str:
    (team / "ml-projects" / "churn" / "train.py").write_text("print(2)\n")
    return publish(git, team, "train")


def test_a_branch_that_has_parted_is_told_and_left(own, team, git):
    publish_change(team, git)
    git(own, "commit", "--quiet", "--allow-empty", "--message", "mine")
    mine = git(own, "rev-parse", "HEAD")
    assert "1 commit(s) that origin/main has not" in refusal(own).what
    assert git(own, "rev-parse", "HEAD") == mine


def test_history_that_was_rewritten_is_not_followed(own, team, git):
    publish_change(team, git)
    brought(own)
    git(team, "reset", "--quiet", "--hard", "HEAD~1")
    git(team, "push", "--quiet", "--force", "origin", "main")
    assert "nothing is applied" in refusal(own).what


def test_another_branch_than_the_one_that_is_checked_out_is_not_followed(own):
    assert refusal(own, "release").what == "main is checked out, not release"


def test_a_checkout_of_no_branch_follows_the_one_that_is_named(own, team, git):
    git(own, "checkout", "--quiet", "--detach")
    assert refusal(own).remedy == "say which one to follow: --branch main"
    commit = publish_change(team, git)
    assert brought(own, "main") == commit == git(own, "rev-parse", "HEAD")


def test_a_remote_that_does_not_answer_is_an_error_in_gits_words(own, git, tmp_path):
    (tmp_path / "shared.git").rename(tmp_path / "moved.git")
    assert refusal(own).what.startswith("origin/main cannot be fetched: ")
    assert "does not appear to be a git repository" in refusal(own).what


class Rounds:
    """Stops after so many rounds, and remembers how long each pause was to be."""

    def __init__(self, count: int) -> None:
        self.pauses: list[float] = []
        self._count = count

    def stopped(self, seconds: float) -> bool:
        self.pauses.append(seconds)
        return len(self.pauses) == self._count


def test_each_round_applies_what_was_pushed_and_repairs_what_drifted(own, team, git):
    cloud, first, seen = Cloud(), git(own, "rev-parse", "HEAD"), []

    def turn() -> int:
        wanted = project(pin=1) if brought(own) == first else project(pin=2, revision=1)
        rounds = reconcile(desired(wanted), cloud.world, Options(wait=True), Recorder(), lambda _: None)
        return exit_code(rounds, detailed=False)

    def between(_seconds: float) -> bool:
        seen.append([one.configuration.rpartition("-")[0] for one in cloud.endpoints.values()])
        if len(seen) == 1:
            publish_change(team, git)
        cloud.endpoints = {} if len(seen) == 2 else cloud.endpoints
        return len(seen) == 3

    assert keep_on(turn, 10, between) == 0
    name = names.endpoint(PLATFORM, "churn")
    assert seen == [[f"{name}-v1"], [f"{name}-v2"], [f"{name}-v2"]]


def test_errors_do_not_end_it_and_make_it_wait_longer(capsys):
    answers: list[ReconcilerError | int] = [
        ReadFailed("SageMaker did not answer", "try again"),
        ManifestInvalid(("manifests/prod.yaml:7: projects.churn: a mistake",)),
        0,
        1,
    ]

    def turn() -> int:
        answer = answers.pop(0)
        if isinstance(answer, ReconcilerError):
            raise answer
        return answer

    rounds = Rounds(4)
    assert keep_on(turn, 100, rounds.stopped) == 0
    assert [round(pause, -2) for pause in rounds.pauses] == [200, 400, 100, 100]
    told = capsys.readouterr().err.splitlines()
    assert [line.split(" ", 1)[1] for line in told] == [
        "failed, and is tried again: SageMaker did not answer; try again",
        "failed, and is tried again: manifests/prod.yaml:7: projects.churn: a mistake",
    ]


@pytest.mark.parametrize("how", [130, Interrupted("stopped")])
def test_a_round_that_was_interrupted_ends_it_with_130(how):
    def turn() -> int:
        if isinstance(how, ReconcilerError):
            raise how
        return how

    assert keep_on(turn, 10, Rounds(5).stopped) == 130


def test_a_path_without_a_manifest_is_told_at_once(own):
    with pytest.raises(ManifestInvalid, match="does not exist"):
        agent_command(own / "manifests" / "nothing.yaml", 10, Options(), "origin", "")


def test_a_plan_is_printed_in_full_only_when_it_is_another_one():
    console, news, cloud = Console(width=80, record=True), News(), Cloud()
    news.commit = "c" * 40
    for pin in (1, 1, 2):
        news.show(propose(desired(project(pin=pin)), cloud.world, Options()), console)
    lines = console.export_text().splitlines()
    assert sum("cccccccccccc Plan: " in line for line in lines) == 3
    assert sum(line.startswith("acme-test in eu-west-1") for line in lines) == 2
