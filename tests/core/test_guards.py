"""What each guard withholds, and what it says."""

from dataclasses import replace
from datetime import timedelta

import pytest

from reconciler.core.desired import Demands, GitHub
from reconciler.core.freeze import Once
from reconciler.core.guards import Circumstances, guard, objections
from reconciler.core.observed import JobStatus
from reconciler.core.plan import plan
from reconciler.core.restraint import Pause, Requires
from reconciler.core.verdict import Health, Sync
from support.builders import HERE_AND_NOW, NOW, converged, desired, job_of, live, observed, project, release, run_of

PAUSE = Pause("incident 42", NOW + timedelta(days=1))
OVER = Pause("incident 42", NOW)


def guarded(asked, *seen, circumstances=HERE_AND_NOW):
    state = observed(*seen)
    return guard(plan(asked, state, circumstances.demands), asked, state, circumstances)


def only(asked, *seen, circumstances=HERE_AND_NOW):
    [verdict] = guarded(asked, *seen, circumstances=circumstances).projects
    return verdict


def said(problems):
    return [problem.what for problem in problems]


def names_of(actions):
    return [type(action).__name__ for action in actions]


def test_a_paused_project_is_left_as_it_is_and_nobody_is_refused_anything():
    made = guarded(desired(project(pin=2, paused=PAUSE)), converged(project(pin=2), endpoint=live(release(1))))
    [verdict] = made.projects
    assert (verdict.sync, verdict.health, verdict.actions) == (Sync.OUT_OF_SYNC, Health.SUSPENDED, ())
    assert names_of(verdict.held) == ["Repair"]
    assert verdict.paused == "paused until the end of 2026-01-01 (UTC): incident 42"
    assert (made.refused, made.troubled) == (False, False)


def test_a_paused_project_that_agrees_with_git_is_synced():
    assert only(desired(project(paused=PAUSE)), converged(project())).sync is Sync.SYNCED


def test_a_training_under_way_in_a_paused_project_is_told_and_not_followed():
    wanted = project(source="b", paused=PAUSE)
    verdict = only(desired(wanted), converged(project(), jobs=(job_of(wanted, JobStatus.ACTIVE),)))
    assert (verdict.pending, verdict.notes) == ((), (UNDER_WAY,))


def test_what_is_wrong_with_a_paused_project_is_shown_and_fails_no_run():
    made = guarded(desired(project(pin=9, paused=PAUSE)), converged(project()))
    assert said(made.projects[0].problems) == ["version 9 of model churn does not exist; the newest is 1"]
    assert not made.troubled


@pytest.mark.parametrize(
    ("demands", "what"),
    [
        (Demands(train=frozenset({"churn"})), "churn is paused and is not trained"),
        (Demands(retry=frozenset({"churn"})), "churn is paused and is not tried again"),
    ],
)
def test_what_somebody_asks_of_a_paused_project_is_refused_in_words(demands, what):
    circumstances = replace(HERE_AND_NOW, demands=demands)
    made = guarded(desired(project(paused=PAUSE)), converged(project()), circumstances=circumstances)
    assert (said(made.projects[0].refusals), made.refused, made.actions) == ([what], True, ())


def test_a_pause_that_is_over_holds_nothing_and_is_noted():
    verdict = only(desired(project(source="b", paused=OVER)), converged(project()))
    assert names_of(verdict.actions) == ["ProvisionTraining", "BuildTrainingImage", "Train"]
    assert verdict.notes == (
        "its pause (incident 42) was until the end of 2025-12-31 (UTC): delete it, or give a later date",
    )


def test_a_pause_ends_with_the_lines_that_say_it():
    assert names_of(only(desired(), converged(project())).actions) == ["RetireDeployment", "RetireTraining"]


def test_a_deployment_that_a_pause_keeps_does_not_count_as_retired():
    asked = desired(project(pin=None, paused=PAUSE))
    made = guarded(asked, converged(project()), converged(project("ranker")))
    assert [names_of(one.actions) for one in made.projects] == [[], ["RetireDeployment", "RetireTraining"]]


def test_one_that_is_retired_as_soon_as_its_endpoint_rests_counts_already():
    moving = converged(project("ranker"), endpoint=live(release(1, "ranker"), "Updating", name="ranker"))
    made = guarded(desired(), converged(project()), moving)
    assert said(made.projects[0].refusals) == ["2 to retire in one run, limits.retire is 1: churn is not retired"]


SUSPECT = "fraud has the very source of churn, whose lines are gone: it looks like a rename"
FRAUD = replace(project("fraud"), source=project().source)


def test_what_looks_like_a_rename_is_neither_destroyed_nor_made_anew():
    made = guarded(desired(FRAUD), converged(project()))
    assert [(one.name, said(one.refusals), one.actions) for one in made.projects] == [
        ("churn", [SUSPECT], ()),
        ("fraud", [SUSPECT], ()),
    ]
    assert made.projects[0].refusals[0].remedy == (
        "to keep what churn has, write under fraud: renamed_from: churn; if it is another project: --allow-retire churn"
    )


def test_a_retirement_that_is_allowed_by_name_is_no_rename():
    circumstances = Circumstances(NOW, allow_retire=frozenset({"churn"}))
    made = guarded(desired(FRAUD), converged(project()), circumstances=circumstances)
    assert [names_of(one.actions)[0] for one in made.projects] == ["RetireDeployment", "ProvisionTraining"]


def test_another_source_or_a_project_that_stands_already_is_no_rename():
    assert not guarded(desired(project("fraud")), converged(project())).refused
    assert not guarded(desired(FRAUD), converged(project()), converged(FRAUD)).refused


def test_what_is_protected_keeps_its_protection_under_another_title():
    made = guarded(desired(project(pin=None, renamed="fraud", protect=True)), converged(project()))
    assert said(made.projects[0].refusals) == ["fraud is protected and is not retired"]


def test_what_is_protected_is_not_retired_though_it_is_allowed_by_name():
    circumstances = Circumstances(NOW, allow_retire=frozenset({"churn"}))
    verdict = only(desired(), converged(project(protect=True)), circumstances=circumstances)
    assert said(verdict.refusals) == ["churn is protected and is not retired"]
    assert names_of(verdict.held) == ["RetireDeployment", "RetireTraining"]


UNDER_WAY = "training under way since 1970-01-01 00:00 UTC"
FREEZE = Once("year-end sales", NOW, NOW + timedelta(days=2))
FROZEN = "frozen until the end of 2026-01-02 (UTC): year-end sales"


def frozen(*projects, **more):
    return replace(desired(*projects), freeze=(FREEZE,), **more)


def test_a_freeze_withholds_what_git_asks_for_and_says_until_when():
    made = guarded(frozen(project(pin=2)), converged(project(), versions=converged(project(pin=2)).versions))
    assert (made.projects[0].actions, said(made.projects[0].refusals)) == ((), [FROZEN])
    assert names_of(made.projects[0].held) == ["BuildModelImage", "Update"]


def test_a_freeze_is_a_refusal_for_those_alone_who_named_the_project():
    asked, seen = frozen(project(pin=2)), converged(project(), versions=converged(project(pin=2)).versions)
    assert not guarded(asked, seen).refused
    for name, is_refusal in (("ranker", False), ("churn", True)):
        named = replace(HERE_AND_NOW, asked=frozenset({name}))
        assert guarded(asked, seen, circumstances=named).refused is is_refusal


def test_a_freeze_withholds_the_platform_too():
    asked = frozen(project())
    state = observed(platform=False)
    made = guard(plan(asked, state), asked, state, HERE_AND_NOW)
    assert (made.platform, made.held, said(made.refusals)) == (None, plan(asked, state).platform, [FROZEN])
    assert (made.actions, made.refused) == ((), False)


def test_nobody_is_refused_anything_by_a_freeze_when_there_is_nothing_to_do():
    made = guarded(frozen(project()), converged(project()))
    assert (made.refused, made.projects[0].sync) == (False, Sync.SYNCED)


def test_a_rollback_passes_a_freeze_with_all_that_it_needs():
    seen = converged(project(pin=2), kept=(1,))
    for images, steps in ((seen.model_images, ["Update"]), ({}, ["BuildModelImage", "Update"])):
        verdict = only(frozen(project(pin=1)), replace(seen, model_images=images))
        assert (names_of(verdict.actions), verdict.refusals) == (steps, ())


def test_a_rollback_passes_a_freeze_with_the_guardrails_that_it_needs():
    seen = converged(project(pin=2), kept=(1,))
    verdict = only(frozen(project(pin=1)), replace(seen, endpoint=replace(seen.endpoint, guarded=False)))
    assert names_of(verdict.actions) == ["RestoreGuardrails", "Update"]


def test_a_rollback_passes_and_a_training_of_the_same_project_does_not():
    verdict = only(frozen(project(pin=1, source="b")), converged(project(pin=2), kept=(1,)))
    assert names_of(verdict.actions) == ["Update"]
    assert names_of(verdict.held) == ["ProvisionTraining", "BuildTrainingImage", "Train"]


def test_a_repair_of_what_drifted_passes_a_freeze():
    verdict = only(frozen(project()), converged(project(), endpoint=None))
    assert (names_of(verdict.actions), verdict.held) == (["Repair"], ())


def test_a_freeze_retires_nothing():
    made = guarded(frozen(), converged(project()))
    assert names_of(made.projects[0].held) == ["RetireDeployment", "RetireTraining"]


def test_what_is_under_way_goes_on_in_a_freeze():
    wanted = project(source="b")
    verdict = only(frozen(wanted), converged(project(), jobs=(job_of(wanted, JobStatus.ACTIVE),)))
    assert [one.what for one in verdict.pending] == [UNDER_WAY]


def test_a_model_that_was_trained_before_a_freeze_is_registered_in_it():
    wanted = project(source="b")
    verdict = only(frozen(wanted), converged(project(), runs=(run_of(wanted, run_id="run-2"),)))
    assert names_of(verdict.actions) == ["RegisterModel"]


CLEAN = Requires(clean=("manifests/prod.yaml", "ml-projects/churn"))
DIRTY = replace(HERE_AND_NOW, uncommitted=("manifests/prod.yaml", *(f"ml-projects/churn/{n}.py" for n in range(6))))
UNSIGNED = replace(HERE_AND_NOW, signature_fault="it is not signed")


def test_nothing_is_changed_from_a_tree_that_is_not_as_it_was_committed():
    asked = replace(desired(project(pin=1)), requires=CLEAN)
    verdict = only(asked, converged(project(pin=2), kept=(1,)), circumstances=DIRTY)
    assert (verdict.actions, names_of(verdict.held)) == ((), ["Update"])
    named = ", ".join(DIRTY.uncommitted[:5])
    what = f"uncommitted, and this environment is changed from commits alone: {named} and 2 more"
    assert said(verdict.refusals) == [what]


def test_nothing_is_changed_from_a_commit_that_nobody_trusted_signed():
    asked = replace(desired(project(pin=1)), requires=replace(CLEAN, signed=True))
    verdict = only(asked, converged(project(pin=2), kept=(1,)), circumstances=UNSIGNED)
    assert (verdict.actions, said(verdict.refusals)) == (
        (),
        ["HEAD is refused, because this environment asks for signed commits: it is not signed"],
    )


@pytest.mark.parametrize("circumstances", [DIRTY, UNSIGNED])
def test_an_environment_that_asks_for_nothing_is_changed_from_any_tree(circumstances):
    assert only(desired(project(source="b")), converged(project()), circumstances=circumstances).actions


def test_all_that_stands_against_a_change_of_the_environment_is_told():
    asked = frozen(requires=replace(CLEAN, signed=True))
    circumstances = replace(DIRTY, signature_fault="it is not signed")
    assert [one.split(",")[0].split(":")[0] for one in said(objections(asked, circumstances))] == [
        "frozen until the end of 2026-01-02 (UTC)",
        "uncommitted",
        "HEAD is refused",
    ]
    assert objections(desired(), circumstances) == ()


def test_where_github_applies_a_refused_retirement_says_how_to_allow_it_there():
    platform = replace(desired().platform, github=GitHub("acme/models", "live"))
    asked = replace(desired(), platform=platform)
    gone = [replace(converged(project()), name=name) for name in ("churn", "ranker")]
    refusals = [one.refusals[0].remedy for one in guarded(asked, *gone).projects]
    assert refusals == [
        f"if it is meant: --allow-retire {name}; on GitHub: run the workflow apply with allow_retire: {name}"
        for name in ("churn", "ranker")
    ]
