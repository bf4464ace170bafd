"""A rename is a rename: what people read changes, and nothing else does."""

from dataclasses import replace

import pytest
from hypothesis import given

from core.test_plan_properties import NAMES, worlds
from reconciler.core.desired import Demands
from reconciler.core.observed import JobStatus, Unread
from reconciler.core.plan import plan
from reconciler.core.verdict import Sync
from support.builders import converged, desired, job_of, observed, project
from support.examples import examples


@given(worlds())
@examples(200)
def test_a_rename_changes_no_action_whatever_the_world_is(world):
    asked, seen = world
    renamed = replace(asked, projects=tuple(replace(one, renamed=f"new-{one.name}") for one in asked.projects))
    assert sorted(map(repr, plan(renamed, seen).actions)) == sorted(map(repr, plan(asked, seen).actions))


@given(worlds())
@examples(100)
def test_every_project_of_a_plan_has_a_name_of_its_own(world):
    asked, seen = world
    first, *_ = NAMES
    turned = tuple(replace(one, renamed=first) for one in asked.projects if one.name != first)
    made = plan(replace(asked, projects=turned[:1]), seen)
    assert len({one.name for one in made.projects}) == len(made.projects)


def test_a_renamed_project_goes_by_its_title_and_says_what_it_was():
    [verdict] = plan(desired(project(renamed="fraud")), observed(converged(project()))).projects
    assert (verdict.name, verdict.was, verdict.sync) == ("fraud", "churn", Sync.SYNCED)


def test_one_that_was_not_renamed_was_nothing_else():
    [verdict] = plan(desired(project()), observed(converged(project()))).projects
    assert (verdict.name, verdict.was) == ("churn", "")


@pytest.mark.parametrize("demands", [Demands(train=frozenset({"fraud"})), Demands(train=frozenset({"churn"}))])
def test_demands_name_it_by_its_title(demands):
    made = plan(desired(project(renamed="fraud")), observed(converged(project())), demands)
    assert bool(made.actions) is ("fraud" in demands.train)


def test_what_is_to_be_done_about_it_names_it_by_its_title():
    wanted = project(source="b", renamed="fraud")
    seen = replace(converged(project()), jobs=(job_of(wanted, JobStatus.FAILED),))
    [problem] = plan(desired(wanted), observed(seen)).projects[0].problems
    assert problem.remedy.endswith("reconcile train fraud")


def test_one_that_cannot_be_read_goes_by_its_title():
    seen = replace(converged(project()), unread=(Unread("MLflow", "throttled"),))
    [verdict] = plan(desired(project(renamed="fraud")), observed(seen)).projects
    assert (verdict.name, verdict.was, verdict.sync) == ("fraud", "churn", Sync.UNKNOWN)


def test_one_that_is_to_go_is_told_from_one_that_has_its_name_now():
    made = plan(desired(project(renamed="ranker")), observed(converged(project()), converged(project("ranker"))))
    assert [(one.name, bool(one.actions)) for one in made.projects] == [("ranker", False), ("ranker_retired", True)]
    assert {action.project for action in made.actions} == {"ranker"}


def test_a_job_under_its_first_name_is_its_own():
    wanted = project(source="b", renamed="fraud")
    [verdict] = plan(desired(wanted), observed(converged(project(), jobs=(job_of(wanted),)))).projects
    assert [one.what for one in verdict.pending] == ["training under way since 1970-01-01 00:00 UTC"]
