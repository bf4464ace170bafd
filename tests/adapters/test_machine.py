"""Which processes live on this machine."""

import os
import subprocess
import sys
from dataclasses import replace

import pytest

from reconciler.adapters import machine
from reconciler.adapters.machine import LocalMachine, born, place

ME = LocalMachine("ann", "push", "https://ci.test/1")


@pytest.fixture
def child():
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process
        process.kill()


def test_this_process_lives():
    holder = ME.holder()
    assert (holder.user, holder.pid, holder.place, holder.commit) == ("ann", os.getpid(), place(), "")
    assert not ME.is_gone(holder)


def test_a_process_that_ended_is_gone_even_while_nobody_has_asked_for_its_end(child):
    holder = replace(ME.holder(), pid=child.pid, born=born(child.pid))
    assert not ME.is_gone(holder)
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert ME.is_gone(holder)
    child.wait()
    assert ME.is_gone(holder)


def test_a_process_id_that_was_used_again_is_another_process():
    assert ME.is_gone(replace(ME.holder(), born="another time"))


def test_nothing_is_known_of_other_places():
    assert not ME.is_gone(replace(ME.holder(), place="elsewhere", born="another time"))


def test_without_a_proc_filesystem_the_process_table_is_asked(monkeypatch, tmp_path, child):
    monkeypatch.setattr(machine, "PROCESSES", tmp_path)
    began = born(child.pid)
    assert began == born(child.pid)
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert (bool(began), born(child.pid)) == (True, "")


def test_a_user_without_a_variable_is_found_by_number(monkeypatch):
    assert LocalMachine("", "push", "").holder().user
    monkeypatch.setattr("os.getuid", lambda: 4242424)
    assert LocalMachine("", "push", "").holder().user == "uid 4242424"


def test_tokens_are_eight_random_hex_digits():
    first, second = ME.token(), ME.token()
    assert (len(first), int(first, 16) >= 0, first == second) == (8, True, False)
