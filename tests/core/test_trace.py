"""From a commit to what serves, and back."""

from dataclasses import replace

import pytest

from reconciler.core import names
from reconciler.core.history import Outcome, ProjectRecord, Record
from reconciler.core.observed import ModelVersion, Noted, RunStatus, TrainingRun
from reconciler.core.trace import Attempt, Chain, Configuration, Spell, Trail, chains, holding
from support.builders import ACCOUNT, PLATFORM, deployment_stack, digest, live, release

RUNS = tuple(
    TrainingRun(f"{number}" * 32, digest(f"s{number}"), 0, RunStatus.FINISHED, number, commit=f"{letter}" * 40, job=job)
    for number, letter, job in ((3, "c", "job-three-c3"), (2, "b", "job-two-b2"), (1, "a", "job-one-a1"))
)
V1, V2 = release(1), release(2)
TRAIL = Trail(
    project="churn",
    platform=PLATFORM,
    account=ACCOUNT,
    runs=RUNS,
    versions=(ModelVersion(1, "1" * 32), ModelVersion(2, "2" * 32), ModelVersion(3, "f" * 32)),
    deployment=deployment_stack(V2, V1),
    endpoint=live(V2),
    training_images={digest("s2")[:12]: "sha256:" + "d" * 64},
    model_images={"v1": "sha256:" + "e" * 64, "v2": "sha256:" + "f" * 64},
)


def record(run: str, before: int | None, after: int | None, project: str = "churn") -> Record:
    one = ProjectRecord(project, before, after, ("Update",), Outcome.DONE, 1.0)
    return Record(run, f"start {run}", f"end {run}", f"{run}{run}", "ada", "ada", "by hand", "", 1, "", 0, (one,))


def names_of(found: tuple[Chain, ...]) -> list[int | str]:
    return [chain.version or chain.run[:1] for chain in found]


def test_every_version_comes_first_and_then_the_trainings_that_made_none():
    assert names_of(chains(TRAIL)) == [3, 2, 1, "3"]


def test_a_version_is_followed_from_its_commit_to_what_serves():
    chain = chains(TRAIL)[1]
    assert (chain.commit, chain.digest, chain.job, chain.run) == ("b" * 40, digest("s2"), "job-two-b2", "2" * 32)
    assert chain.training_image.digest == "d" * 64
    assert chain.model_image.uri.endswith("acme-test/churn/model:v2")
    assert chain.model_image.digest == "f" * 64
    assert chain.configurations == (Configuration(names.configuration(PLATFORM, "churn", V2.name), live=True),)
    assert chain.live


def test_a_version_that_the_reconciler_did_not_train_tells_its_run_alone():
    assert chains(TRAIL)[0] == Chain(3, run="f" * 32)


def test_the_attempts_of_a_job_are_one_training_with_each_of_their_runs():
    first, second, third = (
        TrainingRun(letter * 32, digest("s4"), 0, status, number, job="job-4", attempt=number, first=of)
        for number, letter, status, of in (
            (1, "a", RunStatus.KILLED, ""),
            (2, "b", RunStatus.KILLED, "a" * 32),
            (3, "c", RunStatus.FINISHED, "a" * 32),
        )
    )
    before = (Attempt(1, first.id, RunStatus.KILLED), Attempt(2, second.id, RunStatus.KILLED))
    trail = Trail("churn", PLATFORM, ACCOUNT, (third, second, first), (ModelVersion(1, third.id),))
    [made] = chains(trail)
    assert (made.version, made.run, made.attempts) == (1, third.id, before)
    assert holding([made], "a" * 8)[0] == (made,)
    [barren] = chains(replace(trail, versions=()))
    assert (barren.version, barren.run, barren.attempts) == (None, third.id, before)


def test_a_version_of_a_nested_run_is_traced_to_the_run_that_it_is_in():
    run = TrainingRun(
        "a" * 32, digest("s4"), 0, RunStatus.FINISHED, 4, job="job-4", registered=Noted(1, "churn", "child")
    )
    [chain] = chains(Trail("churn", PLATFORM, ACCOUNT, (run,), (ModelVersion(1, "child"),)))
    assert (chain.version, chain.run, chain.job) == (1, run.id, "job-4")


def test_an_image_that_the_registry_has_no_more_is_not_named():
    assert chains(TRAIL)[2].training_image.uri == ""


def test_what_serves_is_found_although_it_is_no_release_that_terraform_keeps():
    trail = Trail("churn", PLATFORM, ACCOUNT, endpoint=live(release(7)))
    assert [(chain.version, chain.live) for chain in chains(trail)] == [(7, True)]


def test_the_history_tells_when_a_version_was_live_and_who_made_it_so():
    records = (
        record("r2", 1, 2),
        record("r4", 1, 2),
        record("r3", 2, 1),
        record("r1", None, 1),
        record("r5", 3, 4, "x"),
    )
    trail = Trail("churn", PLATFORM, ACCOUNT, records=records)
    second, first = chains(trail)
    assert second.spells == (Spell("end r4", "", "r4r4", "ada", "r4"), Spell("end r2", "end r3", "r2r2", "ada", "r2"))
    assert [(spell.since, spell.until) for spell in first.spells] == [("end r3", "end r4"), ("end r1", "end r2")]


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("2", [2]),
        ("v2", [2]),
        ("bbbb", [2]),
        ("b" * 40, [2]),
        (digest("s1")[:12], [1]),
        (digest("s1")[-6:], [1]),
        ("two-b2", [2]),
        ("job-two-b2", [2]),
        ("1111", [1]),
        ("sha256:" + "e" * 64, [1]),
        (V1.name[-7:], [1]),
        (names.configuration(PLATFORM, "churn", V2.name), [2]),
        ("cccc", ["3"]),
        ("9", []),
        ("bbb", []),
        ("nothing", []),
    ],
)
def test_a_word_finds_the_chains_that_hold_it(word, found):
    assert names_of(holding(chains(TRAIL), word)[0]) == found


def test_one_commit_may_be_in_many_chains_and_is_not_ambiguous():
    runs = tuple(TrainingRun(f"run-{n}", digest("s"), n, RunStatus.FINISHED, n, commit="a" * 40) for n in (1, 2))
    trail = Trail("churn", PLATFORM, ACCOUNT, runs, (ModelVersion(1, "run-1"), ModelVersion(2, "run-2")))
    found, meant = holding(chains(trail), "aaaa")
    assert (names_of(found), meant) == ([2, 1], ("a" * 40,))


def test_a_beginning_that_stands_for_several_identifiers_says_which():
    _, meant = holding(chains(TRAIL), "acme-test-churn-v")
    assert len(meant) == 2


def test_a_project_without_a_past_has_no_chain():
    assert chains(Trail("churn", PLATFORM, ACCOUNT)) == ()
