import os
import subprocess
import threading
import time
from pathlib import Path

import pytest

from reconciler.adapters import process
from reconciler.adapters.process import Command, Finished, persist, run
from reconciler.errors import Interrupted, SettingsMissing, TimedOut

NOBODY_STOPS = threading.Event()


def shell(script: str, **fields: object) -> Command:
    return Command(("sh", "-c", script), **fields)


def finish(command: Command, timeout: float = 20) -> Finished:
    return run(command, timeout=timeout, cancel=NOBODY_STOPS)


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(process, "GRACE_SECONDS", 0.3)


def is_alive(pid: int) -> bool:
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(state.strip()) and not state.startswith("Z")


def wait_for(file: Path) -> int:
    for _ in range(100):
        if file.exists() and file.read_text().strip():
            return int(file.read_text())
        time.sleep(0.05)
    raise TimeoutError(file)


def test_every_line_is_passed_on_in_order_with_stderr_among_them():
    said: list[str] = []
    finished = run(shell("echo one; echo two >&2; echo three"), timeout=20, cancel=NOBODY_STOPS, say=said.append)
    assert said == ["one", "two", "three"]
    assert finished == Finished(0, ("one", "two", "three"))


def test_a_progress_bar_that_returns_to_the_start_of_its_line_gives_lines():
    assert finish(shell(r"printf '10%%\r90%%\rdone\n'")).tail == ("10%", "90%", "done")


def test_a_line_is_passed_on_while_the_program_still_runs(tmp_path):
    go = tmp_path / "go"
    command = shell(f"echo ready; while [ ! -e {go} ]; do sleep 0.05; done; echo went")
    finished = run(command, timeout=20, cancel=NOBODY_STOPS, say=lambda line: go.touch())
    assert finished.tail == ("ready", "went")


@pytest.mark.parametrize(("script", "code", "last"), [("exit 3", 3, "exit code 3"), ("kill -9 $$", -9, "exit code -9")])
def test_a_failure_without_a_word_is_told_by_its_exit_code(script, code, last):
    finished = finish(shell(script))
    assert (finished.ok, finished.code, finished.last) == (False, code, last)


def test_only_the_end_of_a_long_output_is_kept_and_blank_lines_explain_nothing():
    finished = finish(shell("seq 1 5000; echo reason; echo; exit 1"))
    assert len(finished.tail) == process.TAIL_LINES
    assert finished.last == "reason"


def test_bytes_that_are_no_text_do_no_harm():
    assert finish(shell(r"printf 'a\377b\n'")).tail == ("a�b",)


def test_the_environment_is_ours_with_the_changes(monkeypatch):
    monkeypatch.setenv("INHERITED", "yes")
    monkeypatch.setenv("REMOVED", "yes")
    command = shell('echo "$INHERITED-$REMOVED-$ADDED"', env={"REMOVED": None, "ADDED": "new"})
    assert finish(command).tail == ("yes--new",)


def test_the_program_runs_in_the_folder_and_reads_the_text(tmp_path):
    finished = finish(shell("pwd; cat", cwd=tmp_path, stdin="a secret"))
    assert finished.tail == (str(tmp_path), "a secret")


def test_a_program_that_does_not_read_its_text_is_no_error():
    assert finish(shell("exec <&-; sleep 0.2", stdin="x" * 1_000_000)).ok


def test_a_missing_program_is_named():
    with pytest.raises(SettingsMissing) as error:
        finish(Command(("no-such-program-here",)))
    assert error.value.what == "no-such-program-here is not installed, or not on PATH"
    assert error.value.remedy == "install no-such-program-here"


def test_a_program_that_takes_too_long_is_stopped(impatient):
    started = time.monotonic()
    with pytest.raises(TimedOut, match=r"sleep 30 did not end within 0\.3 s"):
        finish(Command(("sleep", "30")), timeout=0.3)
    assert time.monotonic() - started < 5


def test_a_program_that_never_stops_talking_is_stopped_as_well(impatient):
    with pytest.raises(TimedOut):
        finish(Command(("yes",)), timeout=0.3)


@pytest.mark.parametrize("polite", [True, False], ids=["ends-on-sigterm", "ignores-sigterm"])
def test_asking_to_stop_ends_the_program_and_its_children(polite, tmp_path, impatient):
    pid_file, cancel = tmp_path / "pid", threading.Event()
    trap = "" if polite else "trap '' TERM; "
    script = f"{trap}sleep 60 & echo $! > {pid_file}; echo started; while true; do sleep 0.1; done"
    with pytest.raises(Interrupted, match="sh -c was stopped"):
        run(shell(script), timeout=20, cancel=cancel, say=lambda line: cancel.set())
    assert not is_alive(wait_for(pid_file))


def test_a_child_that_outlives_the_program_is_not_waited_for_and_not_left_behind(tmp_path):
    pid_file, started = tmp_path / "pid", time.monotonic()
    finished = finish(shell(f"sleep 60 & echo $! > {pid_file}; echo done"))
    assert finished.tail == ("done",)
    assert time.monotonic() - started < process.LINGER_SECONDS + 5
    assert not is_alive(wait_for(pid_file))


def test_the_program_is_stopped_when_the_listener_fails(tmp_path, impatient):
    pid_file = tmp_path / "pid"

    def fail(line: str) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run(shell(f"echo $$ > {pid_file}; echo line; sleep 60"), timeout=20, cancel=NOBODY_STOPS, say=fail)
    assert not is_alive(wait_for(pid_file))


def test_the_program_has_no_terminal_and_a_group_of_its_own():
    finished = finish(shell("ps -o pgid= -p $$; echo $$"))
    group, pid = (int(line) for line in finished.tail)
    assert group == pid != os.getpgrp()


def test_a_flaky_program_is_tried_again_and_the_first_success_counts(tmp_path):
    counter, said = tmp_path / "counter", []
    command = shell(f"echo x >> {counter}; [ $(wc -l < {counter}) -eq 2 ] || {{ echo not yet; exit 1; }}")
    finished = persist(command, timeout=20, cancel=NOBODY_STOPS, say=said.append, pauses=(0.0, 0.0, 0.0))
    assert finished.ok
    assert said == ["not yet", "not yet; trying again in 0 s"]
    assert counter.read_text() == "x\nx\n"


def test_a_program_that_keeps_failing_is_tried_once_more_than_there_are_pauses(tmp_path):
    counter = tmp_path / "counter"
    command = shell(f"echo x >> {counter}; exit 1")
    finished = persist(command, timeout=20, cancel=NOBODY_STOPS, say=print, pauses=(0.0, 0.0))
    assert not finished.ok
    assert counter.read_text() == "x\nx\nx\n"


def test_a_pause_between_attempts_can_be_interrupted():
    cancel = threading.Event()
    with pytest.raises(Interrupted):
        persist(shell("exit 1"), timeout=20, cancel=cancel, say=lambda line: cancel.set(), pauses=(60.0,))
