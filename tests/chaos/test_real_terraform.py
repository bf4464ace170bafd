"""The same with the real Terraform, training and serving: seconds a run, so only in the long run.

A project is born on a platform that stands. The reconciler, or Terraform with it, is killed at every start of Terraform
and in the middle of its work.
"""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from reconciler.sandbox import Sandbox
from support.chaos.figures import LONG, Record, tell
from support.checkout import Checkout
from support.moody import MOODY, jobs

pytestmark = [pytest.mark.e2e, pytest.mark.skipif(not LONG, reason="minutes for each point: LONG=1")]

STARTS = range(1, 6)
"""Of Terraform, in the birth of a project: init and apply of training, then of the repository, then of the release."""
MIDDLE = 1.5
"""Seconds after which an apply has begun to change things."""
RERUNS = 2


@pytest.fixture(scope="module")
def team(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A repository whose platform stands."""
    checkout = Checkout(tmp_path_factory.mktemp("killed") / "team", sandbox)
    checkout.add_project("first", MOODY)
    checkout.want("first")
    ran = checkout.run("--wait")
    assert ran.code == 0, ran
    return checkout


@pytest.mark.parametrize("together", [False, True], ids=["alone", "with Terraform"])
@pytest.mark.parametrize("delay", [0.0, MIDDLE], ids=["at its start", "in the middle"])
@pytest.mark.parametrize("start", STARTS)
def test_killed_at_a_start_of_terraform_the_next_run_converges(
    team: Checkout, start: int, delay: float, together: bool, record_property: Record
) -> None:
    name = f"k{start}{'m' if delay else 's'}{'t' if together else 'a'}"
    team.add_project(name, MOODY)
    team.want(name, deployment={"version": 1})
    process = team.start("--wait", "--project", name)
    terraform = _nth(process.pid, start)
    if terraform is None:
        process.wait()
        pytest.skip(f"there are only {start - 1} starts")
    time.sleep(delay)
    process.kill()
    if together:
        _kill_all(terraform)
    process.communicate()
    runs = [team.run("--wait", "--project", name)]
    while runs[-1].code and len(runs) <= RERUNS:
        runs.append(team.run("--wait", "--project", name))
    check = team.run("--dry-run", "--detailed-exitcode", "--project", name)
    survived = runs[-1].code == 0 and check.code == 0 and len(jobs(team, name)) == 1
    tell(record_property, "crash matrix with the real Terraform", points_tried=1, survived=int(survived))
    assert survived, [*runs, check, jobs(team, name)]


def _nth(pid: int, start: int) -> psutil.Process | None:
    """The n-th Terraform that a process starts, once it runs; None when the process ends before."""
    seen: list[int] = []
    reconciler = psutil.Process(pid)
    while reconciler.is_running() and reconciler.status() != psutil.STATUS_ZOMBIE:
        for child in _terraforms(reconciler):
            if child.pid not in seen:
                seen.append(child.pid)
            if len(seen) == start:
                return child
        time.sleep(0.01)
    return None


def _terraforms(reconciler: psutil.Process) -> Iterator[psutil.Process]:
    for child in reconciler.children():
        try:
            if Path(child.exe()).name == "terraform":
                yield child
        except psutil.Error:
            continue


def _kill_all(terraform: psutil.Process) -> None:
    """With its provider: the machine is gone."""
    try:
        os.killpg(terraform.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
