"""Git moved, or the world did: which of the two, and what each policy does about the second."""

from dataclasses import replace

import pytest

from reconciler.core.actions import cause
from reconciler.core.desired import DriftPolicy
from reconciler.core.observed import ObservedProject
from reconciler.core.plan import plan
from support.builders import converged, desired, live, observed, project, release

CHURN, TO_2 = project(), project(pin=2)
GONE = converged(CHURN, endpoint=None)
MOVED = converged(CHURN, endpoint=live(release(7)))
UNGUARDED = converged(CHURN, endpoint=replace(live(release(1)), guarded=False))
UNBUILT = converged(CHURN, endpoint=None, model_images={})


def decide(wanted, seen, policy=DriftPolicy.CORRECT):
    asked = desired(replace(wanted, drift_policy=policy))
    return plan(asked, observed(seen)).projects[0]


CAUSES = [
    ("a new project", CHURN, ObservedProject("churn"), ["CHANGED"] * 3),
    ("another pin", TO_2, converged(CHURN, versions=converged(TO_2).versions), ["CHANGED"] * 2),
    ("another setting", project(owner="ml"), converged(CHURN), ["CHANGED"] * 2),
    ("lines that were deleted", project(pin=None), converged(CHURN), ["CHANGED"]),
    ("an endpoint that is gone", CHURN, GONE, ["DRIFTED"]),
    ("an endpoint and its image that are gone", CHURN, UNBUILT, ["DRIFTED"] * 2),
    ("an endpoint that was moved", CHURN, MOVED, ["DRIFTED"]),
    ("guardrails that were taken away", CHURN, UNGUARDED, ["DRIFTED"]),
    ("guardrails that an update needs", project(owner="ml"), UNGUARDED, ["CHANGED"] * 3),
]


@pytest.mark.parametrize(("wanted", "seen", "causes"), [row[1:] for row in CAUSES], ids=[row[0] for row in CAUSES])
def test_every_action_tells_whether_git_moved_or_the_world_did(wanted, seen, causes):
    assert [cause(action) for action in decide(wanted, seen).actions] == causes


POLICIES = [
    ("in sync", CHURN, converged(CHURN), ("Synced", "Healthy", 0), ("Synced", "Healthy", 0)),
    ("gone", CHURN, GONE, ("OutOfSync", "Missing", 1), ("Synced", "Missing", 0)),
    ("gone with its image", CHURN, UNBUILT, ("OutOfSync", "Missing", 2), ("Synced", "Missing", 0)),
    ("moved", CHURN, MOVED, ("OutOfSync", "Healthy", 1), ("Synced", "Healthy", 0)),
    ("unguarded", CHURN, UNGUARDED, ("OutOfSync", "Healthy", 1), ("Synced", "Healthy", 0)),
]


@pytest.mark.parametrize(
    ("wanted", "seen", "warned", "ignored"), [row[1:] for row in POLICIES], ids=[row[0] for row in POLICIES]
)
def test_drift_is_left_and_shown_or_left_and_passes_for_in_sync(wanted, seen, warned, ignored):
    for policy, expected in ((DriftPolicy.WARN, warned), (DriftPolicy.IGNORE, ignored)):
        verdict = decide(wanted, seen, policy)
        assert verdict.actions == ()
        assert (verdict.sync, verdict.health, len(verdict.tolerated)) == expected


def test_what_git_asks_for_is_done_under_every_policy():
    for policy in DriftPolicy:
        kinds = [type(action).__name__ for action in decide(project(owner="ml"), UNGUARDED, policy).actions]
        assert kinds == ["ProvisionTraining", "RestoreGuardrails", "Update"]


def test_drift_that_is_ignored_hides_nothing_else():
    verdict = decide(project(memory=4096), MOVED, DriftPolicy.IGNORE)
    assert ([type(action).__name__ for action in verdict.actions], verdict.sync) == (["ProvisionTraining"], "OutOfSync")
