"""What a person and a program read of where an environment stands."""

import io
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from rich.console import Console

from reconciler.core.guards import guard
from reconciler.core.history import Outcome, ProjectRecord
from reconciler.core.homes import Kind, Thing
from reconciler.core.observed import ObservedProject, Refusal, Stray, Unread
from reconciler.core.plan import plan
from reconciler.core.restraint import Pause
from reconciler.core.status import Commits, Status, status_of
from reconciler.core.verdict import Health, Plan, Problem, ProjectPlan, Sync
from reconciler.reconcile import Proposal
from reconciler.render.status import commit_sentence, show_status, status_document
from support.builders import HERE_AND_NOW, converged, desired, live, observed, project, record, release

HEAD, BEFORE = "d" * 40, "c" * 40
LONGEST = "a-name-of-24-characters-"
REASON = "The primary container for production variant live did not pass the ping health check. Check the logs."
REFUSALS = tuple(Refusal(release(n).name, REASON, "2026-01-01T10:00:00+00:00") for n in (2, 4))
BROKE = record(
    ProjectRecord("ranker", None, None, (), Outcome.FAILED, 1.0, "terraform apply ended with an error", "look there"),
    commit=HEAD,
    code=1,
)
WANTED = (
    project("churn", pin=2),
    project("ranker", pin=2),
    project(LONGEST[:24], pin=1, paused=Pause("incident 42", datetime(2026, 2, 1, tzinfo=UTC))),
)
SEEN = (
    converged(WANTED[0], kept=(1,), endpoint=replace(live(release(1)), modified=1767268800.0), refusals=REFUSALS),
    converged(project("ranker", pin=1), kept=(2,)),
    converged(WANTED[2], endpoint=None),
)


def standing() -> tuple[Proposal, Status]:
    commits = Commits(HEAD, record(whole=True), 2, 0)
    asked, state = desired(*WANTED), observed(*SEEN)
    guarded = guard(plan(asked, state), asked, state, HERE_AND_NOW)
    return Proposal(asked, state, guarded), status_of(WANTED, state, guarded, (BROKE, record(whole=True)), commits)


def printed(made: Proposal, status: Status, held: str = "", width: int = 80) -> str:
    console = Console(file=io.StringIO(), width=width, highlight=False)
    show_status(made, status, held, console)
    return console.file.getvalue()


@pytest.mark.parametrize("width", [80, 120])
def test_no_line_is_wider_than_the_terminal_or_ends_in_blanks(width):
    lines = printed(*standing(), "ann on box since noon, last heartbeat 3 s ago", width).splitlines()
    assert max(map(len, lines)) <= width
    assert [line for line in lines if line != line.rstrip()] == []


def test_status_says_everything_that_a_person_has_to_know():
    told = " ".join(printed(*standing()).split())
    for words in (
        "all of it: OutOfSync Degraded",
        f"HEAD {HEAD[:12]} was never applied: it is 2 commits ahead of {BEFORE[:12]}, applied 2026-01-01 12:00 by ann",
        "PROJECT SYNC HEALTH LIVE PINNED SINCE (UTC)",
        "churn OutOfSync Degraded 1 2 2026-01-01 12:00",
        "version 2 was refused by SageMaker, version 1 keeps serving",
        "reconcile retry churn",
        f"release {release(4).name} is quarantined since 2026-01-01 10:00",
        "for the reason above",
        "version 2 was applied, version 1 serves",
        "paused until the end of 2026-01-31 (UTC): incident 42",
        "run 20260101T120000Z-00000001: terraform apply ended with an error",
        "look there",
    ):
        assert words in told


def test_who_holds_the_lease_is_told():
    assert "a reconcile is under way: ann on box since noon" in printed(*standing(), "ann on box since noon")


@pytest.mark.parametrize(
    ("commits", "words"),
    [
        (Commits("", None), ""),
        (Commits("", record()), ""),
        (Commits(HEAD, None), "HEAD dddddddddddd was never applied: no run has applied the whole manifest yet"),
        (Commits(BEFORE, record(), 0, 0), "HEAD cccccccccccc, applied 2026-01-01 12:00 by ann"),
        (Commits(HEAD, record(), 1, 0), "was never applied: it is 1 commit ahead of cccccccccccc, applied 2026"),
        (Commits(HEAD, record(), 0, 3), "is 3 commits behind cccccccccccc, applied 2026-01-01 12:00 by ann: git pull"),
        (Commits(HEAD, record(), 1, 2), "never applied: it has 1 commit of its own and lacks 2 commits of cccccccc"),
        (Commits(HEAD, record()), "a commit that is not known here: git fetch"),
    ],
)
def test_head_that_was_never_applied_is_told_in_words(commits, words):
    assert words in commit_sentence(commits, in_effect=False)
    assert bool(words) == bool(commit_sentence(commits, in_effect=False))


def test_a_commit_that_asks_for_nothing_new_is_not_called_unapplied():
    told = commit_sentence(Commits(HEAD, record(), 1, 0), in_effect=True)
    assert told.startswith(f"HEAD {HEAD[:12]} asks for nothing that is not there: it is 1 commit ahead of cccccccccccc")
    behind = commit_sentence(Commits(HEAD, record(), 0, 3), in_effect=True)
    assert "is 3 commits behind" in behind


def test_an_environment_in_order_takes_four_lines():
    asked, state = desired(project()), observed(converged(project()))
    decided = plan(asked, state)
    status = status_of(asked.projects, state, decided, (), Commits(BEFORE, record(), 0, 0))
    assert printed(Proposal(asked, state, decided), status).splitlines() == [
        "acme-test in eu-west-1, account 123456789012",
        "all of it: Synced  Healthy",
        "HEAD cccccccccccc, applied 2026-01-01 12:00 by ann",
        "",
        "PROJECT  SYNC       HEALTH       LIVE  PINNED  SINCE (UTC)",
        "churn    Synced     Healthy      1     1",
    ]


def test_what_could_not_be_read_is_a_problem_and_what_is_only_history_a_note():
    asked, state = desired(project()), observed(ObservedProject("churn"), unread=(Unread("SageMaker", "throttled"),))
    decided = plan(asked, state)
    status = status_of(asked.projects, state, decided, (), Commits("", None))
    told = printed(Proposal(asked, state, decided), replace(status, notes=("the history could not be read: no",)))
    assert "platform: Unknown  Degraded\n" in told
    assert "! SageMaker could not be read: throttled" in told
    assert told.endswith("note: the history could not be read: no\n")


def test_what_no_state_holds_is_among_the_orphans():
    made, status = standing()
    ours = Stray(Thing(Kind.ROLE, "acme-test-gone-training"), None, ours=True)
    theirs = Stray(Thing(Kind.ENDPOINT, "acme-test-churn"), None, ours=False)
    projects = {**made.observed.projects, "churn": replace(SEEN[0], strays=(theirs,))}
    found = replace(made, observed=replace(made.observed, strays=(ours,), projects=projects))
    assert status_document(found, status, "")["orphans"] == [
        {"kind": "role", "name": "acme-test-gone-training", "ours": True},
        {"kind": "endpoint", "name": "acme-test-churn", "ours": False},
    ]


def test_the_document_says_the_same_and_holds_no_specification():
    made, status = standing()
    secret = replace(made.desired, projects=tuple(replace(one, owner="secret-owner-tag") for one in WANTED))
    document = json.loads(json.dumps(status_document(replace(made, desired=secret), status, "")))
    assert (document["format"], document["sync"], document["health"]) == (1, "OutOfSync", "Degraded")
    assert document["commits"]["head_applied"] is False
    assert document["commits"]["head_in_effect"] is False
    assert (document["commits"]["ahead"], document["commits"]["applied"]["commit"]) == (2, BEFORE)
    each = {one["name"]: one for one in document["projects"]}
    churn = each["churn"]
    assert (churn["desired_version"], churn["applied_version"], churn["live_version"]) == (2, 2, 1)
    assert [one["version"] for one in churn["quarantined"]] == [2, 4]
    assert each["ranker"]["last_error"] == {
        "what": "terraform apply ended with an error",
        "remedy": "look there",
        "when": "2026-01-01T12:00:09+00:00",
        "run": "20260101T120000Z-00000001",
    }
    assert each[LONGEST[:24]]["paused"] == {"reason": "incident 42", "until": "2026-02-01T00:00:00+00:00"}
    assert "secret-owner-tag" not in json.dumps(document)
    assert "tracking" not in json.dumps(document)


def alike(*problems: Problem, names=("churn", "ranker", "spam"), **more) -> tuple[str, ...]:
    """What status prints of projects that all have these problems."""
    plans = tuple(ProjectPlan(name, Sync.OUT_OF_SYNC, Health.DEGRADED, problems=problems, **more) for name in names)
    decided = Plan(None, plans)
    status = status_of((), observed(), decided, (), Commits("", None))
    return tuple(printed(Proposal(desired(), observed(), decided), status).splitlines())


def test_what_is_wrong_with_several_projects_is_told_once_below_them_with_their_names():
    lines = alike(Problem("MLflow could not be read: it did not answer", "nothing is changed"))
    told = [number for number, line in enumerate(lines) if "it did not answer" in line]
    assert [lines[number] for number in told] == [
        "  ! churn, ranker, spam: MLflow could not be read: it did not answer"
    ]
    assert told[0] > max(number for number, line in enumerate(lines) if line.startswith("spam"))


def test_the_same_problem_of_one_project_is_told_once():
    same = Problem("it broke", "mend it")
    lines = alike(same, same, names=("churn",), refusals=(same,))
    assert [line.strip() for line in lines if "it broke" in line] == ["! it broke"]


def test_many_projects_with_one_problem_are_counted():
    lines = alike(Problem("it broke"), names=tuple(f"p{n}" for n in range(8)))
    assert "  ! p0, p1, p2, p3, p4 and 3 more: it broke" in lines


def test_the_end_of_a_log_stands_below_the_table_indented_and_once():
    log = 'epoch 1\nTraceback (most recent call last):\n  File "train.py", line 3\nValueError: column age is missing'
    told = alike(Problem("training failed: exit code 1", "mend it", log), names=("churn", "ranker"))
    table, _, below = "\n".join(told).partition("\nchurn, ranker: training failed, the end of its log:\n")
    assert "ValueError" not in table
    assert below.splitlines() == [f"    | {line}" for line in log.splitlines()]


def test_releases_in_quarantine_for_one_reason_are_told_in_one_sentence():
    wanted = project(pin=3)
    shunned = tuple(Refusal(f"v{n}-0a1b2c3", "it is too large", "2026-01-01T10:00:00+00:00") for n in (1, 2))
    asked, state = desired(wanted), observed(converged(wanted, refusals=shunned))
    decided = plan(asked, state)
    status = status_of(asked.projects, state, decided, (), Commits("", None))
    told = " ".join(printed(Proposal(asked, state, decided), status).split())
    assert told.count("it is too large") == 1
    assert "releases v1-0a1b2c3 (since 2026-01-01 10:00), v2-0a1b2c3 (since 2026-01-01 10:00) are quarantined" in told
