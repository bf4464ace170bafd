"""What holds of random worlds: of plans for them, and of reconciles that meet faults at every call."""

from dataclasses import replace
from random import Random
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from core.test_plan_properties import NAMES, ROUNDS, wanted_projects, worlds
from reconciler.core import names
from reconciler.core.actions import RetireDeployment, RetireTraining
from reconciler.core.guards import Circumstances, guard
from reconciler.core.observed import JobStatus, LiveEndpoint
from reconciler.core.plan import plan
from reconciler.core.verdict import Sync
from reconciler.errors import ReadFailed, ReconcilerError, Refused
from reconciler.reconcile import CHANGES_PENDING, Options, Proposal, exit_code, propose, reconcile
from reconciler.render.document import document
from support.builders import NOW, PLATFORM, desired
from support.chaos.figures import LONG, Record, tell
from support.chaos.storm import READS, Storm, stormy
from support.fakes import Cloud, Recorder
from support.model_world import after

PAIRS = 10_000 if LONG else 100
STORMS = 10_000 if LONG else 60
SETTINGS: dict[str, Any] = {
    "deadline": None,
    "database": None,
    "suppress_health_check": list(HealthCheck),
    "phases": [Phase.generate],
    "derandomize": not LONG,
}


def test_any_plan_leads_to_nothing_left_and_its_exit_code_is_right(record_property: Record) -> None:
    codes: dict[int, int] = {}

    @settings(max_examples=PAIRS, **SETTINGS)
    @given(worlds(), st.sets(st.sampled_from(NAMES)))
    def holds(world: Any, allowed: set[str]) -> None:
        asked, seen = world
        when = Circumstances(NOW, frozenset(allowed))
        guarded = guard(plan(asked, seen), asked, seen, when)
        proposal = Proposal(asked, seen, guarded)
        code = exit_code(((proposal, None),), detailed=True)
        assert code == told(document(proposal), moves=after(guarded, seen, asked) != seen)
        codes[code] = codes.get(code, 0) + 1
        for _ in range(ROUNDS):
            moved = after(guard(plan(asked, seen), asked, seen, when), seen, asked)
            assert untouched(seen, moved)
            seen = moved
        assert not guard(plan(asked, seen), asked, seen, when).actions

    holds()
    tell(record_property, "properties", pairs=PAIRS, **{f"ended_with_{code}": codes[code] for code in sorted(codes)})


def told(page: dict[str, Any], *, moves: bool | None = None) -> int:
    """The exit code that the written plan calls for; `moves` is whether a dry run of it would change anything."""
    projects = page["projects"]
    if page["problems"] or any(one["problems"] for one in projects):
        return ReconcilerError.exit_code
    if any(one["refusals"] or one["held"] for one in projects):
        return Refused.exit_code
    pending = moves is not None and (moves or any(one["tolerated"] for one in projects))
    return CHANGES_PENDING if pending else 0


def untouched(before: Any, now: Any) -> bool:
    """Whether endpoints of others are as they were, and what is protected still has its stacks."""
    for name, one in before.projects.items():
        then = now.projects[name]
        if one.endpoint and not one.deployment and then.endpoint != one.endpoint:
            return False
        if one.training and one.training.spec.get("protect") and not then.training:
            return False
    return True


@st.composite
def histories(draw: st.DrawFn) -> list[Any]:
    """Two to four desired states, one after another."""
    states = []
    for _ in range(draw(st.integers(2, 4))):
        wanted = [draw(wanted_projects(name)) for name in NAMES if draw(st.booleans())]
        plain = [replace(one, deployment=one.deployment and replace(one.deployment, vpc=False)) for one in wanted]
        states.append(desired(*plain, retire_limit=draw(st.integers(0, 2))))
    return states


def test_after_any_storm_there_is_nothing_left_to_do_or_a_person_is_told(record_property: Record) -> None:
    faults = [0]

    @settings(max_examples=STORMS, **SETTINGS)
    @given(histories(), st.integers(0, 2**32), st.sampled_from([0.02, 0.1, 0.3]))
    def holds(history: list[Any], seed: int, rate: float) -> None:
        sea = Sea(Cloud(), Storm(seed, rate), Random(seed))
        for asked in history:
            sea.spoil()
            for _ in range(2):
                sea.sail(asked)
        faults[0] += len(sea.storm.raised)
        sea.storm.over = True
        for _ in range(ROUNDS):
            sea.sail(history[-1])
        sea.is_calm(history[-1])

    holds()
    tell(record_property, "storms", schedules=STORMS, faults=faults[0])


class Sea:
    """A cloud in a storm, and what must hold of it at every moment."""

    def __init__(self, cloud: Cloud, storm: Storm, random: Random) -> None:
        self.cloud, self.storm, self.random = cloud, storm, random
        self.foreign = LiveEndpoint(names.endpoint(PLATFORM, "churn-eu"), "InService", "of-others")
        if random.random() < 0.3:
            cloud.endpoints[self.foreign.name] = self.foreign
        storm.watch = self._watch
        self.asked = desired()

    @property
    def has_foreign(self) -> bool:
        return names.project_key("test", "churn-eu", "deployment") not in self.cloud.stacks

    def sail(self, asked: Any) -> None:
        """One reconcile, whatever it meets."""
        self.asked, before = asked, len(self.storm.raised)
        try:
            rounds = reconcile(
                asked,
                stormy(self.cloud.world, self.storm),
                Options(wait=True, parallelism=2),
                Recorder(),
                lambda _: None,
            )
        except ReadFailed:
            return  # not even the account can be told
        code = exit_code(rounds, detailed=False)
        failed = [one.error for _, report in rounds if report for one in report.failures]
        pages = [document(proposal, report) for proposal, report in rounds]
        expected = max((told(page) for page in pages), key=[0, 4, 1].index)
        assert code == (1 if failed else expected)
        # A read that failed is told by a plan that needed it; a later round of one project needs few of them.
        undone = [words for words in self.storm.raised[before:] if words.partition(".")[2] not in READS]
        assert code == 1 or not undone, f"{undone} ends with {code}"

    def spoil(self) -> None:
        """Somebody does something by hand."""
        mine = [name for name in self.cloud.endpoints if name != self.foreign.name]
        match self.random.randrange(6):
            case 0 if mine:
                del self.cloud.endpoints[self.random.choice(mine)]
            case 1 if mine:
                name = self.random.choice(mine)
                self.cloud.endpoints[name] = replace(self.cloud.endpoints[name], configuration="by-hand")
            case 2:
                self.cloud.jobs = [(n, replace(j, status=JobStatus.FAILED)) for n, j in self.cloud.jobs]
            case 3 if self.cloud.tags:
                self.cloud.tags[self.random.choice(sorted(self.cloud.tags))].clear()
            case 4:
                self.cloud.rolls_back = {f"v{self.random.randrange(1, 4)}"}

    def _watch(self, words: str, arguments: tuple[Any, ...]) -> None:
        if words == "terraform.destroy":
            kind, project = arguments[:2]
            stack = self.cloud.stacks.get(names.project_key("test", project, "training"), {"spec": {}})
            assert not stack["spec"].get("protect"), f"{kind} of {project} is protected"
            assert project not in {one.name for one in self.asked.projects if one.protect}

    def is_calm(self, asked: Any) -> None:
        """Nothing is left to do, or somebody is told why; nothing was done twice."""
        proposal = propose(asked, self.cloud.world, Options())
        assert not proposal.plan.actions, proposal.plan.actions
        for one in proposal.plan.projects:
            assert one.sync is Sync.SYNCED or one.problems or one.refusals or one.pending or one.waits, one
        kinds = RetireDeployment | RetireTraining
        assert all(isinstance(held, kinds) for one in proposal.plan.projects for held in one.held)
