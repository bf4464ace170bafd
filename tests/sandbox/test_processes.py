"""Processes of a sandbox, found by their mark."""

import os
import uuid

import pytest

from reconciler.sandbox.processes import is_marked, mark_of, marked, reap, running, working_folders

PARENT = """
import subprocess, sys, time
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print("ready", flush=True)
time.sleep(60)
"""
STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready", flush=True)
time.sleep(60)
"""


@pytest.fixture
def mark() -> str:
    return uuid.uuid4().hex


def test_a_homes_mark_is_its_own_and_stays(tmp_path):
    assert mark_of(tmp_path / "a") == mark_of(tmp_path / "b" / ".." / "a")
    assert mark_of(tmp_path / "a") != mark_of(tmp_path / "b")


def test_only_processes_with_the_mark_are_found(spawn, mark):
    ours, theirs = spawn(mark), spawn("another")
    assert [process.pid for process in marked(mark)] == [ours.pid]
    assert is_marked(ours.pid, mark)
    assert not is_marked(theirs.pid, mark)
    assert not is_marked(os.getpid(), mark)


def test_a_process_that_has_ended_is_not_found(spawn, mark):
    process = spawn(mark, code="pass")
    process.wait(10)
    assert not is_marked(process.pid, mark)


def test_a_job_and_all_that_it_starts_is_one_thing_that_runs(spawn, mark):
    job = spawn(mark, "job", PARENT)
    job.stdout.readline()
    server = spawn(mark, "model server")
    found = running(mark)
    assert [(one.role, one.pid) for one in found] == [("job", job.pid), ("model server", server.pid)]
    assert len(marked(mark)) == 3
    assert all(one.memory > 1_000_000 for one in found)
    reap(mark)


def test_reaping_ends_orphans_too_and_counts_them(spawn, mark):
    job = spawn(mark, "job", PARENT)
    job.stdout.readline()
    job.kill()
    job.wait()
    assert reap(mark) == 1
    assert marked(mark) == ()
    assert reap(mark) == 0


def test_a_process_that_will_not_end_is_killed(spawn, mark):
    process = spawn(mark, code=STUBBORN)
    process.stdout.readline()
    assert reap(mark, grace=0.3) == 1
    assert not is_marked(process.pid, mark)


def test_reaping_spares_whom_it_is_told_to_and_everybody_else(spawn, mark):
    spared, ended, stranger = spawn(mark), spawn(mark), spawn("another")
    assert reap(mark, spare={spared.pid}) == 1
    assert not is_marked(ended.pid, mark)
    assert spared.poll() is None
    assert stranger.poll() is None


def test_the_folders_that_processes_work_in_are_known(spawn, mark, tmp_path):
    process = spawn(mark, code=f"import os, time; os.chdir({str(tmp_path)!r}); print(flush=True); time.sleep(60)")
    process.stdout.readline()
    assert working_folders(mark) == (tmp_path,)
