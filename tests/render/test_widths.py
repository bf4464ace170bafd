"""Whatever there is to tell, and however wide a terminal is: no line is broken by it, and nothing in it acts on it."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from reconciler.apply import Failure, ProjectReport, Report
from reconciler.core.actions import Change, ProvisionPlatform, ProvisionTraining, RetireTraining, Update
from reconciler.core.doctor.finding import Finding, Verdict
from reconciler.core.drift import ResourceDrift, StackDrift
from reconciler.core.history import Outcome, ProjectRecord
from reconciler.core.status import Commits, LastError, ProjectStatus, Quarantined, Standing, Status
from reconciler.core.trace import Chain, Image, Spell, Trail
from reconciler.core.verdict import Health, Pending, Plan, Problem, ProjectPlan, Sync
from reconciler.drift import Survey
from reconciler.errors import Busy, TrainingFailed
from reconciler.reconcile import Proposal
from reconciler.render.doctor import show_findings
from reconciler.render.drift import show_drift
from reconciler.render.history import show_history
from reconciler.render.status import show_status
from reconciler.render.text import show_proposal, show_reports
from reconciler.render.trace import show_trace
from support.builders import ACCOUNT, PLATFORM, desired, observed, record, release
from support.examples import examples

WIDTHS = st.sampled_from([40, 60, 80, 120, 200])
NAMES = st.sampled_from(["a", "churn", "a-name-of-24-characters-", "n" * 64])
TEXTS = st.sampled_from([
    "", "short", "a word " * 40, "https://mlflow.acme.example/" + "x" * 150, "\x1b[31mred\x1b[0m\r\n\ttwo", "漢字" * 40,
])  # fmt: skip
VERSIONS = st.sampled_from([None, 1, 9999])
PROBLEMS = st.lists(st.builds(Problem, TEXTS, TEXTS, TEXTS), max_size=3).map(tuple)
CHANGES = st.lists(st.builds(Change, st.just("owner"), TEXTS, TEXTS), max_size=2).map(tuple)
LINES = st.lists(TEXTS, max_size=2).map(tuple)
ACTIONS = st.lists(
    st.one_of(
        st.builds(ProvisionTraining, NAMES, TEXTS, st.just({}), CHANGES),
        st.builds(RetireTraining, NAMES, TEXTS),
        st.builds(Update, NAMES, TEXTS, st.just({}), st.just(release(1)), st.just(release(9999)), st.booleans()),
    ),
    max_size=3,
).map(tuple)
VERDICTS = st.builds(
    ProjectPlan,
    NAMES,
    st.sampled_from(Sync),
    st.sampled_from(Health),
    ACTIONS,
    st.lists(st.builds(Pending, TEXTS), max_size=1).map(tuple),
    PROBLEMS,
    LINES,
    LINES,
    ACTIONS,
    PROBLEMS,
    ACTIONS,
    VERSIONS,
    VERSIONS,
    NAMES,
    TEXTS,
)
PLATFORMS = st.one_of(st.none(), st.builds(ProvisionPlatform, TEXTS, st.just({}), CHANGES))
PLANS = st.builds(Plan, PLATFORMS, st.lists(VERDICTS, max_size=4).map(tuple), PROBLEMS, LINES, PLATFORMS, PROBLEMS)
PROPOSALS = PLANS.map(lambda made: Proposal(desired(), observed(), made))
STEPS = st.builds(RetireTraining, NAMES, TEXTS)
FAILURES = st.builds(
    Failure, STEPS, st.one_of(st.builds(TrainingFailed, TEXTS, TEXTS, TEXTS), st.builds(Busy, TEXTS, TEXTS))
)
REPORTS = st.lists(st.builds(ProjectReport, NAMES, st.just(()), FAILURES), max_size=3).map(
    lambda runs: [Report(None, tuple(runs))]
)
RECORDS = st.lists(
    st.builds(
        lambda projects, error, actor: record(*projects, error=error, code=1, actor=actor),
        st.lists(
            st.builds(
                ProjectRecord, NAMES, VERSIONS, VERSIONS, st.just(()), st.sampled_from(Outcome),
                st.floats(0, 1e6), TEXTS,
            ),
            max_size=3,
        ),
        TEXTS,
        NAMES,
    ),
    max_size=3,
)  # fmt: skip
STACKS = st.lists(
    st.builds(
        StackDrift,
        st.sampled_from(["deployment", "training"]),
        st.one_of(st.none(), NAMES),
        st.lists(
            st.builds(
                ResourceDrift,
                TEXTS,
                st.sampled_from(["create", "update", "replace", "delete"]),
                LINES,
            ),
            max_size=3,
        ).map(tuple),
        st.one_of(st.none(), st.builds(Problem, TEXTS, TEXTS)),
    ),
    max_size=4,
).map(tuple)
CHAINS = st.lists(
    st.builds(
        Chain,
        VERSIONS,
        commit=st.just("c" * 40),
        job=TEXTS,
        run=TEXTS,
        training_image=st.builds(Image, TEXTS, st.just("f" * 64)),
        spells=st.lists(st.builds(Spell, st.just("2026-01-01"), TEXTS, TEXTS, NAMES, TEXTS), max_size=2).map(tuple),
    ),
    max_size=3,
)


@st.composite
def standings(draw):
    made = draw(PROPOSALS)
    each = tuple(
        ProjectStatus(
            one,
            draw(VERSIONS),
            "2026-01-01T10:00:00+00:00",
            draw(st.one_of(st.none(), st.builds(LastError, TEXTS, TEXTS, TEXTS, TEXTS))),
            draw(st.lists(st.builds(Quarantined, TEXTS, VERSIONS, TEXTS, TEXTS), max_size=1).map(tuple)),
            None,
        )
        for one in made.plan.projects
    )
    whole = Standing(draw(st.sampled_from(Sync)), draw(st.sampled_from(Health)))
    return made, Status(whole, whole, each, Commits("d" * 40, record(), 1, 0), draw(LINES)), draw(TEXTS)


FINDINGS = st.lists(
    st.builds(Finding, st.sampled_from(["Python", "permissions"]), st.sampled_from(Verdict), TEXTS, TEXTS), max_size=4
)

WORLDS = {
    "doctor": (FINDINGS, show_findings),
    "plan": (PROPOSALS, show_proposal),
    "report": (REPORTS, show_reports),
    "status": (standings(), lambda made, console: show_status(*made, console)),
    "history": (RECORDS, lambda made, console: show_history(made, None, console)),
    "drift": (STACKS.map(lambda made: Survey(desired(), ACCOUNT, made)), show_drift),
    "trace": (
        CHAINS,
        lambda made, console: show_trace(
            Trail("churn", PLATFORM, ACCOUNT, (), (), None, None, {}, {}, ()), made, console
        ),
    ),
}


@pytest.mark.parametrize("kind", WORLDS)
@given(data=st.data())
@examples(100)
def test_no_line_is_wider_than_the_terminal_or_ends_in_blanks_or_acts_on_it(kind, data):
    world, show = WORLDS[kind]
    width = data.draw(WIDTHS)
    console = Console(file=io.StringIO(), width=width, highlight=False)
    show(data.draw(world), console)
    lines = console.file.getvalue().split("\n")
    assert [line for line in lines if width_on_screen(line) > width] == []
    assert [line for line in lines if line != line.rstrip()] == []
    assert [line for line in lines if not line.isprintable()] == []


def width_on_screen(line: str) -> int:
    return sum(2 if character in "漢字" else 1 for character in line)
