"""What moved since a plan was made, in words."""

from dataclasses import replace

import pytest
from hypothesis import given, settings

from core.test_plan_properties import worlds
from reconciler.core.basis import OTHERWISE, basis, moved
from reconciler.core.desired import Scaling
from reconciler.core.observed import ModelVersion, Unread
from reconciler.core.plan import plan
from support.builders import converged, desired, job_of, live, observed, project, release

CHURN, RANKER = project("churn"), project("ranker")
ASKED = desired(CHURN, RANKER)
SEEN = observed(converged(CHURN), converged(RANKER))


def rests_on(asked, seen, chosen=()):
    return basis(asked, seen, plan(asked, seen), chosen)


def seen_with(**changed):
    return observed(replace(converged(CHURN), **changed), converged(RANKER))


def at(commit):
    return replace(CHURN, source=replace(CHURN.source, commit=commit * 40))


THREE = tuple(ModelVersion(number, "run-1") for number in (1, 2, 3))
MOVED = [
    (ASKED, seen_with(endpoint=live(release(1), status="Updating"), versions=THREE),
     ("churn: its endpoint and its versions moved",)),
    (ASKED, seen_with(jobs=(job_of(CHURN),)), ("churn: its jobs moved",)),
    (ASKED, seen_with(training=None, training_images=frozenset(), refusals=()),
     ("churn: its training stack and its training images moved",)),
    (ASKED, observed(converged(CHURN)),
     ("ranker: nothing is left of it",)),
    (ASKED, replace(SEEN, account="999999999999"), ("the account is another one",)),
    (ASKED, replace(SEEN, platform=None), ("the platform's stack moved",)),
    (ASKED, replace(SEEN, unread=(Unread("SageMaker", "throttled"),)), ("what could not be read is something else",)),
    (desired(CHURN, project("ranker", memory=4096)), SEEN,
     ("the manifest asks for something else for ranker (training)",)),
    (desired(CHURN), SEEN, ("ranker is gone from the manifest",)),
    (desired(CHURN, RANKER, project("spam")), SEEN, ("spam is new in the manifest",)),
    (replace(ASKED, retire_limit=9), SEEN, ("the manifest asks for something else of the environment (retire_limit)",)),
    (desired(at("d"), RANKER), SEEN, (f"git moved from commit {'c' * 12} to {'d' * 12}",)),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "seen", "sentences"), MOVED, ids=[row[2][0] for row in MOVED])
def test_what_moved_is_said_in_words(asked, seen, sentences):
    assert moved(rests_on(ASKED, SEEN), rests_on(asked, seen)) == sentences


def test_nothing_has_moved_when_both_states_are_the_same():
    assert moved(rests_on(ASKED, SEEN), rests_on(desired(RANKER, CHURN), SEEN)) == ()


def test_uncommitted_files_move_nothing():
    dirty = replace(CHURN, source=replace(CHURN.source, uncommitted=("train.py",)))
    assert moved(rests_on(ASKED, SEEN), rests_on(desired(dirty, RANKER), SEEN)) == ()


def test_a_plan_for_one_project_rests_on_that_project_alone():
    elsewhere = observed(converged(CHURN), replace(converged(RANKER), jobs=(job_of(RANKER),)))
    asked = desired(CHURN, project("ranker", memory=4096))
    one, other = (
        basis(a, s, replace(made := plan(a, s), projects=made.projects[:1]), {"churn"})
        for a, s in ((ASKED, SEEN), (asked, elsewhere))
    )
    assert moved(one, other) == ()


def test_autoscaling_moves_a_plan_only_where_an_action_rests_on_it():
    serving = {"scaling": Scaling(1, 9, 100)}
    for pin, said in ((1, ()), (2, (f"churn: {OTHERWISE}",))):
        asked = desired(project(pin=pin, serving=serving))
        calm, busy = (
            observed(
                replace(converged(project(serving=serving)), endpoint=live(release(1), instances=n), versions=THREE)
            )
            for n in (2, 7)
        )
        assert moved(rests_on(asked, calm), rests_on(asked, busy)) == said


@given(worlds())
@settings(deadline=None)
def test_every_state_has_a_basis_and_it_is_its_own(world):
    asked, seen = world
    assert moved(rests_on(asked, seen), rests_on(asked, seen)) == ()
