"""What holds of every guarded plan, whatever the world and the circumstances are."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from core.test_plan_properties import NAMES, worlds
from reconciler.core.actions import Cause, Update, cause
from reconciler.core.desired import Demands
from reconciler.core.freeze import Once
from reconciler.core.guards import Circumstances, guard
from reconciler.core.plan import plan
from reconciler.core.restraint import Pause, Requires
from support.builders import NOW
from support.examples import examples

FREEZE = Once("sales", NOW, NOW + timedelta(days=1))
PAUSES = st.sampled_from([None, None, Pause("incident", NOW), Pause("incident", NOW + timedelta(days=1))])
ALWAYS = ("RegisterModel", "RestoreGuardrails")
SERVING = ("BuildModelImage", "ProvisionDeployment", "RestoreGuardrails", "Update")
SOME = st.frozensets(st.sampled_from(NAMES))


@st.composite
def asked_and_seen(draw):
    """A world whose manifest has pauses, a freeze, and demands of its own, and the circumstances of a run."""
    asked, seen = draw(worlds())
    projects = tuple(replace(one, paused=draw(PAUSES)) for one in asked.projects)
    asked = replace(
        asked,
        projects=projects,
        freeze=draw(st.sampled_from([(), (FREEZE,)])),
        requires=draw(st.sampled_from([Requires(), Requires(("terraform",), signed=True)])),
    )
    return asked, seen, draw(circumstances())


@st.composite
def circumstances(draw):
    return Circumstances(
        NOW,
        allow_retire=draw(SOME),
        demands=Demands(train=draw(SOME), retry=draw(SOME)),
        uncommitted=draw(st.sampled_from([(), ("terraform/main.tf",)])),
        signature_fault=draw(st.sampled_from(["", "it is not signed"])),
    )


@given(asked_and_seen())
@examples(300)
def test_guards_only_ever_withhold_and_hide_nothing(case):
    asked, seen, when = case
    whole = plan(asked, seen, when.demands)
    made = guard(whole, asked, seen, when)
    for before, after in zip(whole.projects, made.projects, strict=True):
        assert [action for action in before.actions if action in after.actions] == list(after.actions)
        assert sorted(map(repr, before.actions)) == sorted(map(repr, (*after.actions, *after.held)))
        assert (after.name, after.sync) == (before.name, before.sync)
        assert not after.held or after.refusals or after.paused
    assert whole.platform == (made.platform or made.held)


@given(asked_and_seen())
@examples(200)
def test_a_paused_project_is_never_touched(case):
    asked, seen, when = case
    paused = {one.name for one in asked.projects if one.paused and one.paused.holds(NOW)}
    made = guard(plan(asked, seen, when.demands), asked, seen, when)
    assert not {getattr(action, "project", None) for action in made.actions} & paused


@given(asked_and_seen())
@examples(300)
def test_in_a_freeze_every_rollback_and_every_repair_is_done_and_nothing_else_of_gits(case):
    asked, seen, when = case
    free = replace(asked, freeze=())
    frozen = replace(asked, freeze=(FREEZE,))
    unfrozen = guard(plan(free, seen, when.demands), free, seen, when)
    made = guard(plan(frozen, seen, when.demands), frozen, seen, when)
    passing = [action for action in unfrozen.actions if _is_rollback(action) or cause(action) is Cause.DRIFTED]
    assert [action for action in made.actions if action in passing] == passing
    back = {action.project for action in passing if _is_rollback(action)}
    for action in made.actions:
        assert action in passing or action.project in back or type(action).__name__ in ALWAYS
        assert type(action).__name__ not in ("ProvisionTraining", "Train", "Deploy", "RetireDeployment")

    serving = [a for a in unfrozen.actions if getattr(a, "project", "") in back and type(a).__name__ in SERVING]
    assert [action for action in made.actions if action in serving] == serving


def _is_rollback(action):
    return isinstance(action, Update) and action.rollback


@given(asked_and_seen())
@examples(200)
def test_a_plan_that_is_guarded_twice_is_guarded_once(case):
    asked, seen, when = case
    made = guard(plan(asked, seen, when.demands), asked, seen, when)
    assert guard(made, asked, seen, replace(when, demands=Demands())).actions == made.actions
