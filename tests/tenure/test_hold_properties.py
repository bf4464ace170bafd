"""Whatever runs take, lose, give back or leave, in whatever order: never two of them may change an environment."""

from dataclasses import dataclass, field, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.core.lease import PERIOD, Seen, give_back, unlock
from reconciler.errors import LeaseHeld
from reconciler.tenure import Wish
from reconciler.tenure.heart import Heart
from reconciler.tenure.hold import _take
from support.builders import HOLDER
from support.fakes import Cloud

WISH = Wish("test", "acme-test")
RUNS = st.integers(0, 2)
STEPS = st.one_of(
    st.tuples(st.just("take"), RUNS),
    st.tuples(st.just("time passes"), st.integers(1, 40)),
    st.tuples(st.sampled_from(["beat", "beat", "give back", "die", "unlock"]), RUNS),
)


@dataclass
class Story:
    """Runs on machines of their own, and one bucket whose clock tells how old the lease is."""

    cloud: Cloud = field(default_factory=Cloud)
    now: float = 0.0
    written: tuple[object, float] = (None, 0.0)
    alive: dict[int, Heart] = field(default_factory=dict)
    renewed: dict[int, float] = field(default_factory=dict)
    numbers: list[int] = field(default_factory=list)

    def step(self, what: str, which: int) -> None:
        self._age()
        match what:
            case "take" if which not in self.alive:
                self._take(which)
            case "beat" if which in self.alive:
                self._beat(which)
            case "give back" if which in self.alive:
                heart = self.alive.pop(which)
                self.cloud.world.leases.write(give_back(heart._lease), heart._version)
            case "die":
                self.alive.pop(which, None)
            case "unlock" if self.cloud.lease:
                self.cloud.world.leases.write(unlock(self.cloud.lease.lease), self.cloud.lease.version)
                self.alive.clear()  # whoever unlocks vouches for it that they are dead
            case "time passes":
                self.now += which
        self._note_write()

    def _take(self, which: int) -> None:
        run = f"run-{which}-{len(self.numbers)}"
        try:
            lease, version = _take(self.cloud.world, replace(HOLDER, place=f"box-{which}"), run, WISH, print)
        except LeaseHeld:
            return
        assert not [one for one in self.alive if self.now - self.renewed[one] <= PERIOD], "somebody else holds it"
        self.numbers.append(lease.number)
        self.alive[which] = Heart(self.cloud.world, lease, version, lambda: self.now)
        self.renewed[which] = self.now

    def _beat(self, which: int) -> None:
        heart = self.alive[which]
        before = heart._version
        heart.beat()
        if heart.lost:
            del self.alive[which]
        elif heart._version != before:
            self.renewed[which] = self.now

    def _note_write(self) -> None:
        if self.cloud.lease and self.cloud.lease.version != self.written[0]:
            self.written = (self.cloud.lease.version, self.now)

    def _age(self) -> None:
        if self.cloud.lease:
            self.cloud.lease = Seen(self.cloud.lease.lease, self.cloud.lease.version, self.now - self.written[1])


@settings(deadline=None)  # other tests run beside it
@given(st.lists(STEPS, min_size=5, max_size=30))
def test_no_two_runs_hold_the_lease_and_their_numbers_grow(steps):
    story = Story()
    for step in steps:
        story.step(*step)
    assert story.numbers == sorted(set(story.numbers))
