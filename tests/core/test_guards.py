"""What each guard withholds, and what it says."""

from dataclasses import replace
from datetime import timedelta

import pytest

from reconciler.core.desired import Demands
from reconciler.core.guards import Circumstances, guard
from reconciler.core.observed import JobStatus
from reconciler.core.plan import plan
from reconciler.core.restraint import Pause
from reconciler.core.verdict import Health, Sync
from support.builders import HERE_AND_NOW, NOW, converged, desired, job_of, live, observed, project, release

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
    assert (verdict.pending, verdict.notes) == ((), ("training under way",))


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
