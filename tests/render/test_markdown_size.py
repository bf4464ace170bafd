"""A comment on a pull request is never refused for its length, and what may cost most is always in it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.apply import Failure, ProjectReport, Report
from reconciler.core.actions import Change, ProvisionTraining, RetireDeployment, RetireTraining
from reconciler.core.verdict import Health, Plan, Problem, ProjectPlan, Sync
from reconciler.errors import TrainingFailed
from reconciler.reconcile import Proposal
from reconciler.render.markdown import markdown, markdown_of
from reconciler.render.markup import LONGEST, NAMED, shortened
from reconciler.render.words import summary
from support.builders import converged, desired, observed, project
from support.examples import examples

TEXTS = st.sampled_from(["", "short", "a word " * 40, "*_`[]<>" * 400, "\n" * 50, "@\u200b" * 9000])
PROBLEMS = st.lists(st.builds(Problem, TEXTS, TEXTS, TEXTS), max_size=3).map(tuple)
CHANGES = st.lists(st.builds(Change, st.just("owner"), TEXTS, TEXTS), max_size=30).map(tuple)


@st.composite
def verdicts(draw, number):
    name = f"project-{number:04}"
    retiring = draw(st.booleans())
    actions = (
        (RetireDeployment(name, draw(TEXTS)), RetireTraining(name, "gone"))
        if retiring
        else (ProvisionTraining(name, draw(TEXTS), {}, draw(CHANGES)),)
    )
    return ProjectPlan(
        name,
        Sync.OUT_OF_SYNC,
        Health.DEGRADED,
        actions=draw(st.sampled_from([(), actions])),
        problems=draw(PROBLEMS),
        refusals=draw(PROBLEMS),
        waits=tuple(draw(st.lists(TEXTS, max_size=2))),
        notes=tuple(draw(st.lists(TEXTS, max_size=2))),
    )


@st.composite
def reports(draw, made):
    runs = []
    for one in made.plan.projects:
        if one.actions and draw(st.booleans()):
            error = TrainingFailed(draw(TEXTS), draw(TEXTS), draw(TEXTS))
            runs.append(ProjectReport(one.name, failure=Failure(one.actions[0], error)))
    return Report(None, tuple(runs))


@st.composite
def proposals(draw):
    templates = [draw(verdicts(number)) for number in range(draw(st.integers(0, 6)))]
    times = draw(st.sampled_from([1, 3, 30]))
    projects = tuple(replace(one, name=f"{one.name}-{copy:02}") for one in templates for copy in range(times))
    problems = draw(PROBLEMS) * draw(st.sampled_from([1, 100]))
    return Proposal(desired(), observed(), Plan(None, projects, problems, tuple(draw(st.lists(TEXTS, max_size=30)))))


def retiring(made: Proposal) -> list[str]:
    gone = RetireDeployment | RetireTraining
    return [one.name for one in made.plan.projects if any(isinstance(action, gone) for action in one.actions)]


@given(proposals())
@examples(80)
def test_any_plan_fits_and_keeps_its_summary_and_every_refused_or_retired_name(made):
    text = markdown(made)
    urgent = [*(one.name for one in made.plan.projects if one.refusals), *retiring(made)]
    assert len(text) <= LONGEST
    assert summary(made.plan) in text
    assert len(urgent) <= 2 * NAMED
    assert [name for name in urgent if name not in text] == []


@given(st.lists(proposals(), min_size=1, max_size=3), st.data())
@examples(40)
def test_any_run_fits_and_keeps_what_it_retired(proposed, data):
    rounds = [(made, data.draw(reports(made))) for made in proposed]
    text = markdown_of(rounds)
    assert len(text) <= LONGEST
    assert summary(proposed[0].plan) in text
    assert [name for name in retiring(proposed[0]) if name not in text] == []


@pytest.mark.parametrize("length", range(270, 300))
def test_what_is_cut_is_never_longer_than_it_may_be(length):
    broken = Problem("x" * length, "y", "\n".join(["z" * 900] * 90))
    projects = tuple(
        ProjectPlan(f"p-{n:03}", Sync.OUT_OF_SYNC, Health.DEGRADED, problems=(broken,)) for n in range(400)
    )
    assert len(markdown(Proposal(desired(), observed(), Plan(None, projects)))) <= LONGEST


def test_a_plan_that_is_too_long_is_cut_at_whole_projects_and_says_so():
    projects = tuple(
        ProjectPlan(f"p-{n:03}", Sync.OUT_OF_SYNC, Health.DEGRADED, problems=(Problem("x" * 299),)) for n in range(400)
    )
    gone = ProjectPlan("zebra", Sync.OUT_OF_SYNC, Health.HEALTHY, (RetireTraining("zebra", "it is gone"),))
    text = markdown(Proposal(desired(), observed(), Plan(None, (*projects, gone))))
    sections = [line for line in text.splitlines() if line.startswith("### ")]
    assert sections[0] == "### zebra: OutOfSync, Healthy"
    assert text.count("x" * 299) == len(sections) - 1
    assert f"**and {401 - len(sections)} more projects: see the job's plan file**" in text
    assert 40_000 < len(text) <= LONGEST


@pytest.mark.parametrize("count", [1, 500])
def test_what_is_in_sync_is_named_up_to_a_number(count):
    seen = [converged(project(f"p-{n:03}")) for n in range(count)]
    quiet = tuple(ProjectPlan(one.name, Sync.SYNCED, Health.HEALTHY) for one in seen)
    text = markdown(Proposal(desired(), observed(), Plan(None, quiet)))
    assert text.count("`p-") == min(count, NAMED)
    assert (" and 300 more" in text) == (count == 500)


def test_names_that_are_longer_than_any_of_ours_are_cut_and_the_rest_still_fits():
    held = (RetireDeployment("x", "gone"), RetireTraining("x", "gone"))
    refusals, texts = (Problem("y" * 900, "z" * 900),), tuple("*" * 900 for _ in range(40))
    projects = tuple(
        ProjectPlan(
            f"{n:03}" * 21,
            Sync.OUT_OF_SYNC,
            Health.HEALTHY,
            *((held,) if n % 2 else ((), ())),
            refusals=refusals,
            held=() if n % 2 else held,
        )
        for n in range(500)
    )
    made = Proposal(desired(), observed(), Plan(None, projects, tuple(map(Problem, texts, texts)), texts))
    text = markdown(made)
    assert len(text) <= LONGEST
    assert f"`{'001' * 12}0...` (endpoint and training)" in text
    assert "In sync" not in text
    assert text.splitlines()[-1].startswith("Plan `")


def test_a_list_of_parts_is_cut_where_it_no_longer_fits():
    text = shortened(["x" * 999] * 100)
    assert len(text) <= LONGEST
    assert text.count("x" * 999) == 59
    assert text.endswith("**and 41 more: see the job's log**\n")
    assert shortened(["a", "b"]) == "a\n\nb\n"
