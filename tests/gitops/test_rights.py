"""The apply role without one of its actions: a run ends with that action named, and the next one goes on from there.

Terraform's calls are not looked at here: its stand-in makes them. `tests/e2e/test_rights.py` takes from the real one.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from support import gitops
from support.chaos.figures import LONG
from support.gitops import MANIFEST, Team
from support.gitops_quick import PROJECT, Quick, lines, train
from support.rights import Rights
from support.workflows.repository import Person

pytestmark = pytest.mark.servers

APPLY = gitops.APPLY_ROLE.rpartition("/")[2]
SAMPLE = 1 if LONG else 6
"""One action in so many is taken away."""


@dataclass(frozen=True)
class Step:
    """Something that a commit asks for."""

    begin: Callable[[Quick], Team]
    wants: Callable[[Person, Team], None]
    words: tuple[str, ...]
    serves: str
    """How the endpoint's configuration begins afterwards; empty: there is none."""


def first(person: Person, team: Team) -> None:
    train(person, "a")
    person.write(MANIFEST, team.manifest(churn=lines(1)))


def second(person: Person, team: Team) -> None:
    train(person, "b")
    person.write(MANIFEST, team.manifest(churn=lines(2)))


def farewell(person: Person, team: Team) -> None:
    person.write(MANIFEST, team.manifest())


SEARCHED = frozenset({"ecr:DescribeRepositories", "sagemaker:ListEndpointConfigs", "sagemaker:ListModels"})
"""What is asked for to find what no state holds: that it could not be is a note, where nothing else asks."""

STEPS = {
    "deploy": Step(Quick.without_projects, first, ("--wait",), "acme-prod-churn-v1-"),
    "update": Step(Quick.with_a_live_version, second, ("--wait",), "acme-prod-churn-v2-"),
    "retire": Step(Quick.with_a_live_version, farewell, ("--wait", "--allow-retire", PROJECT), ""),
}


def begin(quick: Quick, step: Step) -> Person:
    team = step.begin(quick)
    person = team.person("alice")
    step.wants(person, team)
    person.commit("what the step wants")
    return person


def serving(quick: Quick) -> str:
    return quick.serves() if quick.endpoints() else ""


def needed(quick: Quick, step: Step) -> Iterator[str]:
    """Actions that a whole run of a step uses."""
    person = begin(quick, step)
    before = quick.used(APPLY)
    ran = quick.reconcile(person, *step.words, role=APPLY)
    assert ran.code == 0, ran
    after = quick.used(APPLY)
    yield from sorted(action for action, calls in after.items() if calls > before.get(action, 0))


@pytest.mark.parametrize("name", STEPS)
def test_a_run_without_one_of_its_actions_names_it_and_the_next_run_goes_on(quick, name):
    step = STEPS[name]
    actions = list(needed(quick, step))
    assert len(actions) > 5
    for action in actions[::SAMPLE]:
        person = begin(quick, step)
        with Rights(quick.cloud.client("iam"), APPLY).without(action):
            ran = quick.reconcile(person, *step.words, role=APPLY)
        assert ran.code == 1 or (ran.code == 0 and action in SEARCHED), f"without {action}: {ran}"
        assert action in ran.out.replace("\n", ""), f"without {action}: {ran}"
        again = quick.reconcile(person, *step.words, role=APPLY)
        assert again.code == 0, f"after {action} was given back: {again}"
        assert serving(quick).startswith(step.serves)
        assert bool(serving(quick)) == bool(step.serves)
