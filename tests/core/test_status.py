"""Where an environment stands."""

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.history import Outcome, ProjectRecord
from reconciler.core.observed import JobStatus, ModelVersion, ObservedProject, Refusal, Unread
from reconciler.core.plan import plan
from reconciler.core.status import HEALTHY, Commits, LastError, Quarantined, Standing, applied_well, status_of, worst
from reconciler.core.verdict import Health, Sync
from support.builders import converged, desired, job_of, live, observed, project, record, release

NOTHING = Commits("", None)
EVERY = tuple(Standing(sync, health) for sync, health in product(Sync, Health))


def status(wanted, seen, *records, commits=NOTHING, **world):
    state = observed(*([seen] if seen else []), **world)
    return status_of((wanted,), state, plan(desired(wanted), state), records, commits)


def of_churn(wanted, seen, *records):
    return status(wanted, seen, *records).projects[0]


def churn(outcome: Outcome, error: str = "", **more) -> ProjectRecord:
    return ProjectRecord("churn", 1, 2, ("Update",), outcome, 1.0, error, f"mend {error}" if error else "", **more)


@pytest.mark.parametrize(
    ("parts", "whole"),
    [
        ((), ("Synced", "Healthy")),
        (("Synced Healthy",), ("Synced", "Healthy")),
        (("Synced Healthy", "OutOfSync Healthy"), ("OutOfSync", "Healthy")),
        (("OutOfSync Missing", "Synced Degraded"), ("OutOfSync", "Degraded")),
        (("Unknown Degraded", "OutOfSync Missing"), ("Unknown", "Degraded")),
        (("OutOfSync Suspended", "Synced Healthy"), ("OutOfSync", "Suspended")),
        (("OutOfSync Progressing", "OutOfSync Suspended"), ("OutOfSync", "Progressing")),
        (("OutOfSync Missing", "OutOfSync Progressing"), ("OutOfSync", "Missing")),
    ],
)
def test_the_worst_word_of_each_kind_wins(parts, whole):
    given_parts = [Standing(Sync(sync), Health(health)) for sync, health in (part.split() for part in parts)]
    assert worst(given_parts) == Standing(Sync(whole[0]), Health(whole[1]))


@given(st.lists(st.sampled_from(EVERY)), st.lists(st.sampled_from(EVERY)))
def test_worst_of_worst_is_worst_of_all_in_any_order(some, others):
    assert worst((worst(some), worst(others))) == worst((*others, *some)) == worst((*some, *others, *some))


def test_an_environment_in_order_is_synced_and_healthy():
    found = status(project(), converged(project()))
    assert (found.whole, found.platform) == (HEALTHY, HEALTHY)


@pytest.mark.parametrize(
    ("world", "standing"),
    [
        ({"platform": False}, Standing(Sync.OUT_OF_SYNC, Health.MISSING)),
        ({"unread": (Unread("SageMaker", "throttled"),)}, Standing(Sync.UNKNOWN, Health.DEGRADED)),
    ],
)
def test_what_all_projects_stand_on_counts_as_well(world, standing):
    found = status(project(), converged(project()), **world)
    assert (found.platform, found.whole.sync) == (standing, standing.sync)


def test_applied_is_what_terraform_was_asked_for_and_live_is_what_serves():
    found = of_churn(project(pin=2), converged(project(pin=2), endpoint=live(release(1)), kept=(1,)))
    assert (found.plan.desired_version, found.applied_version, found.plan.live_version) == (2, 2, 1)


def test_since_is_when_the_endpoint_changed_last():
    changed = replace(live(release(1)), modified=1767268800.0)
    assert of_churn(project(), converged(project(), endpoint=changed)).since == "2026-01-01T12:00:00+00:00"


def test_since_is_when_a_run_did_something_last_where_there_is_no_endpoint():
    idle = record(ProjectRecord("churn", 1, 1, (), Outcome.REFUSED, 0.0), ended="2026-01-03")
    found = of_churn(project(), converged(project()), idle, record(churn(Outcome.DONE), ended="2026-01-02"))
    assert (found.since, of_churn(project(), None).since) == ("2026-01-02", "")


FAILED = record(churn(Outcome.FAILED, "it broke"), ended="2026-01-02", run="r2")
DONE = record(churn(Outcome.DONE), ended="2026-01-03", run="r3")
OTHER = record(ProjectRecord("ranker", 1, 2, ("Update",), Outcome.DONE, 1.0), ended="2026-01-04", run="r4")
STARTED = record(churn(Outcome.PENDING), run="r5")
FROZEN = record(churn(Outcome.REFUSED, "frozen until 2026-01-09: incident 42"), run="r6")
STOPPED = record(churn(Outcome.INTERRUPTED), run="r7")
BROKE = LastError("it broke", "mend it broke", "2026-01-02", "r2")
TO_DO = (project(pin=2), converged(project(pin=1), kept=(2,)))
"""The pin was moved, and is not applied yet."""


@pytest.mark.parametrize(
    ("records", "error"),
    [
        ((), None),
        ((FAILED,), BROKE),
        ((OTHER, FAILED), BROKE),
        ((DONE, FAILED), None),
        ((FAILED, DONE), BROKE),
        ((STARTED, FAILED), None),
        ((STOPPED, FAILED), BROKE),
        ((FROZEN,), None),
        ((FROZEN, FAILED), BROKE),
        ((FROZEN, DONE, FAILED), None),
    ],
)
def test_the_last_error_is_the_newest_that_no_later_run_made_good_and_never_what_a_guard_refused_then(records, error):
    assert of_churn(*TO_DO, *records).last_error == error


def test_an_error_of_the_past_is_over_when_nothing_is_left_to_do():
    assert of_churn(project(), converged(project()), FAILED).last_error is None


def test_what_is_wrong_now_wins_over_the_same_in_the_history_and_hides_nothing_else():
    failed = job_of(project(), JobStatus.FAILED, "Essential container in task exited; exit code 1")
    wanted, seen = project(pin=2), converged(project(pin=1), runs=(), versions=(), kept=(2,), jobs=(failed,))
    seen = replace(seen, versions=(ModelVersion(1, "other"), ModelVersion(2, "other")))
    told = record(churn(Outcome.FAILED, f"training of churn failed: {failed.reason}"))
    found = of_churn(wanted, seen, told)
    assert found.plan.actions
    assert failed.reason in found.plan.problems[0].what
    assert found.last_error is None
    assert of_churn(wanted, seen, FAILED).last_error == BROKE


def test_a_project_that_cannot_be_read_keeps_the_last_error_since_nothing_newer_is_known():
    unread = ObservedProject("churn", unread=(Unread("MLflow", "it did not answer"),))
    assert of_churn(project(), unread, FAILED).last_error == BROKE


def test_quarantined_pins_are_told_with_their_version():
    refusal = Refusal("v4-0a1b2c3", "did not pass the ping health check", "2026-01-01T00:00:00+00:00")
    found = of_churn(project(), converged(project(), refusals=(refusal,)))
    assert found.quarantined == (Quarantined("v4-0a1b2c3", 4, refusal.reason, refusal.since),)


def test_a_project_that_left_the_manifest_is_told_while_something_of_it_is_there():
    state = observed(converged(project()))
    found = status_of((), state, plan(desired(), state), (), NOTHING)
    assert [(one.plan.name, one.plan.sync) for one in found.projects] == [("churn", Sync.OUT_OF_SYNC)]


def test_a_project_that_could_not_be_read_makes_all_of_it_unknown():
    unread = ObservedProject("churn", unread=(Unread("MLflow", "it did not answer"),))
    assert status(project(), unread).whole.sync is Sync.UNKNOWN


@pytest.mark.parametrize(
    ("records", "run"),
    [
        ((), None),
        ((record(whole=True, run="r1"),), "r1"),
        ((record(run="one project alone"), record(whole=True, run="r1")), "r1"),
        ((record(whole=True, code=1, run="it failed"), record(whole=True, run="r1")), "r1"),
        ((record(whole=True, commit="", run="no repository"),), None),
        ((record(whole=True, run="r2"), record(whole=True, run="r1")), "r2"),
    ],
)
def test_applied_is_the_newest_run_of_the_whole_manifest_that_ended_well(records, run):
    found = applied_well(records)
    assert (found and found.run) == run


def test_head_is_current_when_that_very_commit_was_applied():
    assert Commits("c" * 40, record()).current
    assert not Commits("d" * 40, record()).current
    assert not Commits("d" * 40, None).current


def test_a_project_that_was_renamed_keeps_its_past():
    wanted = project(renamed="fraud")
    found = of_churn(wanted, converged(wanted, refusals=(Refusal("v4-0a1b2c3", "no", "2026"),)), FAILED)
    assert (found.plan.name, found.applied_version, found.last_error and found.last_error.run) == ("fraud", 1, "r2")
    assert [one.version for one in found.quarantined] == [4]
