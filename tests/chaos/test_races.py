"""Two reconcilers start at the same moment: one does the work, the other finds the lease held and touches nothing."""

import json
import re
import threading
from dataclasses import dataclass

import pytest

from reconciler.core import names
from support.chaos.figures import LONG, Record, tell
from support.chaos.gate import Gate
from support.chaos.lab import BUCKET, Lab
from support.chaos.lifecycle import ENVIRONMENT, MANIFEST, STEPS
from support.chaos.starter import Ran, Starter

pytestmark = pytest.mark.servers

ROUNDS = 100 if LONG else 4
LEASE_HELD = 5
READS = re.compile(r"(GET|HEAD|POST (/$|List|Describe|Get|BatchGet|/v1/(list|describe)|.*(search|/get)))")
LEASE = names.lease_key(ENVIRONMENT)
HARMLESS = (f"PUT /{BUCKET}", f"PUT /{BUCKET}/{LEASE}")
"""Writes that change nothing when somebody was quicker: the bucket that is there, the lease that is not free."""


@dataclass
class Racer:
    """One of the two."""

    lab: Lab
    name: str

    def __post_init__(self) -> None:
        self.gate = Gate()
        self.door = self.lab.cloud.door(self.name, self.gate)
        self.starter = Starter(self.lab.folder / f"{self.name}.txt")
        self.ran: Ran | None = None

    def get_set(self) -> None:
        self.gate.arm()
        self.gate.pid = self.starter.begin(("-m", MANIFEST), self.door, self.lab.repository.root)

    def go(self, over: threading.Event) -> None:
        self.starter.go()
        self.ran = self.starter.end()
        over.set()

    @property
    def writes(self) -> list[str]:
        calls = (call.partition("?")[0] for call in self.gate.calls)
        return [call for call in calls if not READS.match(call) and call not in HARMLESS]


def test_of_two_reconcilers_one_works_and_the_other_finds_the_lease_held(lab: Lab, record_property: Record) -> None:
    update, rollback = STEPS[2:4]
    lab.cloud.restore(lab.stage(update).before)
    lab.cloud.gate.arm()
    assert lab.run("--wait").code == 0
    racers = [Racer(lab, name) for name in ("one", "other")]
    won = dict.fromkeys(("one", "other"), 0)
    fences = []
    for number in range(ROUNDS):
        step = (rollback, update)[number % 2]
        lab.repository.commit(step)
        _race(lab, racers)
        codes = {racer.name: racer.ran.code for racer in racers if racer.ran}
        told = [f"{racer.name}: {racer.ran}" for racer in racers]
        assert sorted(codes.values()) == [0, LEASE_HELD], "\n".join([f"round {number}", *told])
        winner, loser = sorted(racers, key=lambda racer: codes[racer.name])
        assert any("terraform apply" in call for call in winner.writes), winner.writes
        assert not loser.writes, loser.writes
        won[winner.name] += 1
        fences.append(_fence(lab))
    assert fences == list(range(fences[0], fences[0] + ROUNDS)), fences
    assert not lab.faults(step)
    tell(record_property, "races", rounds=ROUNDS, one_writer=sum(won.values()), won_by_the_first=won["one"])
    for racer in racers:
        racer.starter.close()


def _race(lab: Lab, racers: list[Racer]) -> None:
    """Both begin together; Terraform works until one of them has ended, so that neither comes when all is over."""
    over = lab.cloud.terraform.waits_for
    over.clear()
    for racer in racers:
        racer.get_set()
    threads = [threading.Thread(target=racer.go, args=(over,)) for racer in racers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _fence(lab: Lab) -> int:
    """Number of the lease that the newest record of the history was written under."""
    newest = max(key for key in lab.objects() if key.startswith(names.history_key(ENVIRONMENT, "")))
    body = lab.cloud.client("s3").get_object(Bucket=BUCKET, Key=newest)["Body"].read()
    return int(json.loads(body)["fence"])
