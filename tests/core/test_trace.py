"""From a commit to what serves, and back."""

from dataclasses import replace

import pytest

from reconciler.core import names
from reconciler.core.history import Outcome, ProjectRecord, Record
from reconciler.core.observed import ModelVersion, Noted, RunStatus, StoredImage, TrainingRun
from reconciler.core.trace import Attempt, Chain, Configuration, Registered, Spell, Trail, chains, holding
from support.builders import ACCOUNT, PLATFORM, deployment_stack, digest, live, release, release_of

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
    training_images={digest("s2")[:12]: StoredImage("sha256:" + "d" * 64)},
    model_images={"v1": StoredImage("sha256:" + "e" * 64), "v2": StoredImage("sha256:" + "f" * 64)},
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


def test_what_a_training_was_given_by_hand_is_told_with_its_version():
    run = TrainingRun("a" * 32, digest("s4"), 0, RunStatus.FINISHED, 4, job="job-4", asked='{"alpha": "0.9"}')
    [chain] = chains(Trail("churn", PLATFORM, ACCOUNT, (run,), (ModelVersion(1, run.id),)))
    assert (chain.version, chain.asked) == (1, '{"alpha": "0.9"}')


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
    assert [(chain.version, chain.live, chain.registered) for chain in chains(trail)] == [(7, True, Registered.MISSING)]


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


OLD, NEW = ModelVersion(1, "1" * 32, "m-old", 1_000), ModelVersion(1, "2" * 32, "m-new", 2_000_000_000_000)
OF_OLD, OF_NEW = release_of(OLD), release_of(NEW)


def remade(*kept, images=(), records=()):
    """The first release is live; under number 1 MLflow has the new model, which run 2 made."""
    stored = {one.tag: StoredImage(f"sha256:{one.tag}") for one in (*kept, *images)}
    trail = replace(TRAIL, versions=(NEW,), deployment=deployment_stack(*kept), endpoint=live(kept[0]))
    return replace(trail, model_images=stored, records=records)


def told(found):
    return [(one.version, one.live, one.registered.value, one.run[:1], one.commit[:1]) for one in found if one.version]


def test_what_serves_is_of_the_run_that_it_was_made_of_and_not_of_the_one_that_has_its_number_now():
    found = chains(remade(OF_OLD))
    assert told(found) == [(1, False, "registered", "2", "b"), (1, True, "replaced", "1", "a")]
    assert (found[0].model_image.uri, found[1].model_image.digest) == ("", OF_OLD.tag)
    assert [one.run[:1] for one in found if one.version is None] == ["3"]


def test_once_the_new_model_serves_the_old_one_is_told_beside_it():
    found = chains(remade(OF_NEW, OF_OLD))
    assert told(found) == [(1, True, "registered", "2", "b"), (1, False, "replaced", "1", "a")]
    assert [one.configurations[0].name for one in found[:2]] == [
        names.configuration(PLATFORM, "churn", one.name) for one in (OF_NEW, OF_OLD)
    ]


def test_a_number_means_every_model_that_had_it():
    assert told(holding(chains(remade(OF_NEW, OF_OLD)), "v1")[0]) == told(chains(remade(OF_NEW, OF_OLD)))


def test_of_a_version_that_was_deleted_the_run_is_still_known():
    trail = replace(remade(OF_OLD), versions=())
    assert told(chains(trail)) == [(1, True, "missing", "1", "a")]


@pytest.mark.parametrize(
    ("pushed", "chains_told"),
    [
        (NEW.created / 1000 + 60, [(1, True, "registered", "2", "b")]),
        (0.0, [(1, True, "registered", "2", "b")]),
        (NEW.created / 1000 - 86400, [(1, False, "registered", "2", "b"), (1, True, "replaced", "", "")]),
    ],
    ids=["built since", "nobody knows when", "older than the model"],
)
def test_a_release_of_before_is_of_the_version_unless_its_image_is_older(pushed, chains_told):
    trail = replace(remade(V1), model_images={"v1": StoredImage("sha256:1", pushed)})
    assert told(chains(trail)) == chains_told


def lived(run, before, after, image="", ended="2026-01-01T00:00:00+00:00"):
    one = ProjectRecord("churn", before, after, ("Update",), Outcome.DONE, 1.0, image=image)
    return Record(run, ended, ended, f"{run}{run}", "ada", "ada", "by hand", "", 1, "", 0, (one,))


def test_the_history_tells_two_models_of_one_number_apart():
    records = (
        lived("r1", None, 1),
        lived("r2", 1, 1, "v1"),
        lived("r3", 1, 1, OF_OLD.tag),
        lived("r4", 1, 1),
        lived("r5", 1, 5, "v5"),
        lived("r6", 5, 1, OF_NEW.tag),
        lived("r7", 1, 1, OF_NEW.tag),
    )
    five, new, old, before = chains(remade(OF_NEW, OF_OLD, V1, records=records))[:4]
    spells = [[(spell.run, bool(spell.until)) for spell in chain.spells] for chain in (five, new, old, before)]
    assert spells == [[("r5", True)], [("r6", False)], [("r3", True)], [("r1", True)]]
    assert before.configurations[0].name.endswith(V1.name)


@pytest.mark.parametrize(
    ("ended", "told_of"),
    [("2026-01-01T00:00:00+00:00", [0, 1]), ("2034-01-01T00:00:00+00:00", [1]), ("?", [1])],
    ids=["before it was registered", "since", "nobody knows when"],
)
def test_a_time_of_before_whose_image_is_gone_is_the_versions_unless_it_is_older(ended, told_of):
    trail = remade(OF_NEW, records=(lived("r1", None, 1, ended=ended),))
    assert [len(chain.spells) for chain in chains(trail) if chain.version] == told_of


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


@pytest.mark.parametrize("status", ["Failed", "Creating"])
def test_a_version_whose_endpoint_answers_nobody_is_not_live(status):
    chain = next(one for one in chains(replace(TRAIL, endpoint=live(V2, status))) if one.version == 2)
    assert (chain.live, bool(chain.configurations)) == (False, True)
