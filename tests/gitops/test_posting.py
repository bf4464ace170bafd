"""`reconcile github comment` and `issue`, over HTTP against the fake GitHub."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.core.github import marker
from support.command_line import CommandLine
from support.workflows.issues import BOT, Board, Issue
from support.workflows.rest import Token
from support.workflows.site import Site

NAME = "acme/models"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path / "repositories", {NAME: Board()})
    site.tokens["writes"] = Token(NAME, {"issues": "write", "pull-requests": "write"})
    site.tokens["reads"] = Token(NAME, {"issues": "read", "pull-requests": "read"})
    yield site
    site.close()


@pytest.fixture
def line(tmp_path: Path, site: Site, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    line = CommandLine(tmp_path / "team", monkeypatch)
    variables = {"GITHUB_REPOSITORY": NAME, "GITHUB_API_URL": site.api, "GITHUB_TOKEN": "writes"}
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return line


@pytest.fixture
def pull(site: Site) -> Issue:
    return site.boards[NAME].open("alice", "a change", "", pull=True)


def comment(line: CommandLine, text: str, environment: str = "prod"):
    Path("plan.md").write_text(text)
    return line.run("github", "comment", "--environment", environment, "--pull-request", "1", "plan.md")


def issue(line: CommandLine, status: str, text: str = "2 resources drifted"):
    Path("drift.md").write_text(text)
    Path("drift.json").write_text(json.dumps({"status": status}))
    return line.run("github", "issue", "--environment", "prod", "--found", "drift.json", "drift.md")


def test_a_pull_request_has_one_comment_for_each_environment_however_often_it_is_planned(line, site, pull):
    for _ in range(105):
        site.boards[NAME].comment(pull, "alice", "I like it")
    assert comment(line, "first").code == 0
    assert comment(line, "elsewhere", "test").code == 0
    assert comment(line, "second").code == 0
    assert comment(line, "second").code == 0
    ours = [one for one in pull.comments if one.author == BOT]
    assert [one.body for one in ours] == [f"{marker('plan', 'prod')}\nsecond", f"{marker('plan', 'test')}\nelsewhere"]
    assert [one.edits for one in ours] == [1, 0]


def test_a_comment_of_somebody_elses_is_never_overwritten_whatever_it_says(line, site, pull):
    site.boards[NAME].comment(pull, "mallory", f"{marker('plan', 'prod')}\nall is well")
    comment(line, "1 to retire")
    assert [(one.author, one.edits) for one in pull.comments] == [("mallory", 0), (BOT, 0)]


def test_a_plan_that_is_hostile_or_endless_is_posted_as_plain_words(line, pull):
    comment(line, f"@team <img src=x> ![p](https://evil.example/p) {marker('plan', 'test')}" + "x" * 100_000)
    (posted,) = pull.comments
    assert posted.body.count("<") == 1
    assert "](" not in posted.body.replace("\\](", "")
    assert "@team" not in posted.body
    assert len(posted.body) < 65_536


def test_drift_is_one_issue_that_is_opened_updated_and_closed(line, site):
    said = [
        issue(line, "InSync"),
        issue(line, "Drifted"),
        issue(line, "Drifted", "3 resources"),
        issue(line, "Unknown"),
    ]
    (ours,) = site.boards[NAME].issues
    assert (ours.title, ours.state) == ("Drift in prod", "open")
    assert ours.body == f"{marker('drift', 'prod')}\n3 resources"
    said += [issue(line, "InSync"), issue(line, "InSync")]
    assert ours.state == "closed"
    assert [one.body for one in ours.comments] == ["Nothing drifts any more."]
    assert [one.out.partition("; ")[2] for one in said] == [
        "there is no issue\n",
        "an issue was opened\n",
        "issue 1 was updated\n",
        "issue 1 stays open, because not everything was seen\n",
        "issue 1 was closed\n",
        "there is no issue\n",
    ]
    issue(line, "Drifted")
    assert [one.state for one in site.boards[NAME].issues] == ["closed", "open"]


def test_an_issue_or_a_pull_request_that_looks_like_ours_is_left_alone(line, site):
    sign = marker("drift", "prod")
    theirs = site.boards[NAME].open("mallory", "Drift in prod", sign)
    pull = site.boards[NAME].open(BOT, "Drift in prod", sign, pull=True)
    issue(line, "InSync")
    assert (theirs.state, pull.state) == ("open", "open")


def test_a_token_without_the_permission_is_an_error_that_names_it(line, pull, monkeypatch):
    monkeypatch.setenv("GITHUB_TOKEN", "reads")
    ran = comment(line, "a plan")
    assert ran.code == 1
    assert "GitHub refused POST issues/1/comments: Resource not accessible by integration (HTTP 403)" in ran.out
    assert "pull-requests: write" in ran.out


def test_a_survey_that_failed_closes_nothing(line, site):
    issue(line, "Drifted")
    Path("drift.json").write_text(json.dumps({"error": {"what": "AWS did not answer"}}))
    line.run("github", "issue", "--environment", "prod", "--found", "drift.json", "drift.md")
    assert site.boards[NAME].issues[0].state == "open"


def test_a_missing_text_or_token_is_told_before_github_is_asked(line, monkeypatch):
    ran = line.run("github", "comment", "--environment", "prod", "--pull-request", "1", "nothing.md")
    assert (ran.code, "nothing.md cannot be read" in ran.out) == (1, True)
    monkeypatch.delenv("GITHUB_TOKEN")
    assert "GITHUB_TOKEN is not set" in comment(line, "a plan").out


def test_a_github_that_cannot_be_reached_is_an_error_in_words(line, monkeypatch):
    monkeypatch.setenv("GITHUB_API_URL", "http://127.0.0.1:1")
    monkeypatch.setattr("reconciler.adapters.patience.BASE_SECONDS", 0.001)
    ran = comment(line, "a plan")
    assert ran.code == 1
    assert "GitHub did not answer GET issues/1/comments: " in ran.out
    assert "Traceback" not in ran.out
