"""The apply role without one of its actions, with the real Terraform: each that a life uses, where it is needed.

One environment shows which actions each step uses; in a second one every step is tried without each of them first.
A few are tried in `test_environment.py`, the reconciler's own calls in `tests/gitops/test_rights.py`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from reconciler.sandbox import Sandbox
from support.chaos.figures import LONG
from support.checkout import Checkout
from support.moody import MOODY
from support.rights import Rights

pytestmark = [pytest.mark.e2e, pytest.mark.skipif(not LONG, reason="hours: LONG=1 tries it")]

NAME = "moody"
GITHUB = {"github": {"repository": "acme/models", "environment": "prod"}}


@dataclass(frozen=True)
class Step:
    """A commit, and how it is reconciled."""

    wants: Callable[[Checkout], None]
    words: tuple[str, ...] = ("--wait",)


STEPS = (
    Step(lambda team: team.want(NAME, owner="ml-team")),
    Step(lambda team: team.want(NAME, owner="ml-team", deployment={"version": 1})),
    Step(lambda team: team.want(NAME, owner="ml-team", training={"revision": 2}, deployment={"version": 2})),
    Step(lambda team: team.want(NAME, owner="ml-team", training={"revision": 2}, deployment={"version": 1})),
    Step(lambda team: team.drop(NAME), ("--wait", "--allow-retire", NAME)),
)


@pytest.fixture(scope="module")
def found(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Checkout]:
    def make(environment: str) -> Checkout:
        team = Checkout(tmp_path_factory.mktemp(environment) / "team", sandbox, environment, dict(GITHUB))
        place = {"LocationConstraint": "eu-west-1"}
        team.aws("s3").create_bucket(Bucket=f"e2e-{environment}-tfstate", CreateBucketConfiguration=place)
        team.add_project(NAME, MOODY)
        team.save()
        ran = team.run("bootstrap")
        assert ran.code == 0, ran
        return team

    return make


def apply(team: Checkout, step: Step) -> tuple[int, str]:
    """On a machine of its own."""
    with team.playing(f"e2e-{team.environment}-apply"):
        ran = team.run(*step.words)
    return ran.code, ran.out


def used(team: Checkout) -> dict[str, int]:
    role = f"/e2e-{team.environment}-apply"
    return next((one["used"] for one in team.control.roles() if one["role"].endswith(role)), {})


def needed(team: Checkout) -> Iterator[list[str]]:
    """What each step uses, once it is done."""
    for step in STEPS:
        step.wants(team)
        before = used(team)
        code, out = apply(team, step)
        assert code == 0, out
        yield sorted(action for action, calls in used(team).items() if calls > before.get(action, 0))


def test_a_run_without_one_of_its_actions_names_it_and_the_next_run_goes_on(found):
    actions_of = list(needed(found("first")))
    team = found("second")
    rights = Rights(team.aws("iam"), "e2e-second-apply")
    unnamed = []
    for step, actions in zip(STEPS, actions_of, strict=True):
        step.wants(team)
        for action in actions:
            with rights.without(action):
                code, out = apply(team, step)
            if code != 1 or action not in out.replace("\n", ""):
                unnamed.append((action, code, out[-500:]))
        code, out = apply(team, step)
        assert code == 0, out
    assert unnamed == []
