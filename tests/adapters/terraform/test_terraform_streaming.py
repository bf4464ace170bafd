"""A child process: its lines as they come, its limits, and its end."""

import os
import sys
import threading
import time

import pytest

from reconciler.adapters.terraform.runner import Runner, Tool
from reconciler.adapters.terraform.streaming import Launch, Limits, stream

PATIENT = Limits(run=30, grace=30)


@pytest.fixture
def run(tmp_path, cancel):
    def start(script: str, tell=lambda line: None, limits: Limits = PATIENT):
        return stream(Launch([sys.executable, "-u", "-c", script], tmp_path, {"ONLY": "this"}), tell, cancel, limits)

    return start


def test_every_line_is_told_and_the_last_needs_no_newline(run, said):
    ending = run("print('one'); print('zwei ü'); print(); print('half', end='')", said.append)
    assert said == ["one", "zwei ü", "", "half"]
    assert (ending.code, ending.stderr, ending.stopped) == (0, "", "")


def test_lines_are_told_as_they_come(run):
    told: list[float] = []
    run("import time; print('one'); time.sleep(1.5); print('two')", lambda line: told.append(time.monotonic()))
    assert told[1] - told[0] > 0.8


def test_more_output_than_a_pipe_holds_does_no_harm(run, said):
    ending = run("import sys; print('x' * 3_000_000); sys.stderr.write('y' * 3_000_000); sys.exit(3)", said.append)
    assert [len(line) for line in said] == [3_000_000]
    assert ending.code == 3
    assert 0 < len(ending.stderr) <= 4096


def test_bytes_that_are_no_text_do_no_harm(run, said):
    run("import sys; sys.stdout.buffer.write(b'a\\xff\\n')", said.append)
    assert said == ["a\ufffd"]


def test_the_environment_is_the_one_given_and_no_other(run, said):
    run("import os; print(sorted(set(os.environ) - {'LC_CTYPE'}))", said.append)
    assert said == ["['ONLY']"]


FAMILY = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, lambda *_: (print("parent asked", flush=True), sys.exit(7)))
child = "import signal, time; signal.signal(15, lambda *_: print('child asked')); print('up'); time.sleep(3)"
subprocess.Popen([sys.executable, "-u", "-c", child])
time.sleep(60)
"""


def test_only_the_process_itself_is_asked_to_stop(run, cancel, said):
    def tell(line: str) -> None:
        said.append(line)
        cancel.set()

    ending = run(FAMILY, tell)
    assert (ending.code, ending.stopped) == (7, "asked to stop")
    assert said == ["up", "parent asked"]


STUBBORN = "import signal, time; signal.signal(15, signal.SIG_IGN); print('up'); time.sleep(60)"


def test_who_does_not_stop_is_killed_in_the_end(run, cancel):
    ending = run(STUBBORN, lambda line: cancel.set(), Limits(run=30, grace=0.3))
    assert ending.code == -9


def test_who_takes_too_long_is_stopped(run):
    ending = run("import time; time.sleep(60)", limits=Limits(run=0.3, grace=5))
    assert ending.code == -15
    assert ending.stopped == "it was not done after 0 s"


def test_who_ends_in_time_is_not_stopped_although_somebody_asks_afterwards(run, cancel):
    cancel_later = threading.Timer(0.5, cancel.set)
    cancel_later.start()
    assert run("print('done')").stopped == ""
    cancel_later.cancel()


def test_a_reader_that_fails_leaves_no_process_behind(run):
    def fail(line: str) -> None:
        raise BrokenPipeError(line)

    with pytest.raises(BrokenPipeError) as raised:
        run("import os, time; print(os.getpid()); time.sleep(60)", fail)
    with pytest.raises(ProcessLookupError):
        os.kill(int(str(raised.value)), 0)


def test_the_process_has_a_session_of_its_own(run, said):
    run("import os; print(os.getsid(0) == os.getpid())", said.append)
    assert said == ["True"]


@pytest.fixture
def spoken(tmp_path, cancel):
    """What a Terraform is told on its command line."""

    def run(use) -> list[str]:
        binary = tmp_path / "terraform"
        binary.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
        binary.chmod(0o755)
        lines: list[str] = []
        use(Runner(Tool(str(binary), cancel, PATIENT), tmp_path, {}, lines.append))
        return lines

    return run


def test_init_is_called_as_terraform_wants_it(spoken):
    words = spoken(lambda runner: runner.initialise({"bucket": "b", "key": "k"}))
    assert words == [
        "init",
        "-backend-config=bucket=b",
        "-backend-config=key=k",
        "-reconfigure",
        "-input=false",
        "-json",
    ]


@pytest.mark.parametrize("command", ["apply", "destroy"])
def test_apply_and_destroy_are_called_as_terraform_wants_them(spoken, tmp_path, command):
    words = spoken(lambda runner: runner.change(command, tmp_path / "v.json", 60))
    assert words[0] == command
    assert set(words[1:]) == {
        "-auto-approve=true",
        "-input=false",
        "-json",
        "-lock-timeout=60s",
        "-no-color",
        f"-var-file={tmp_path}/v.json",
    }


def test_a_misspelt_command_is_no_command(spoken):
    with pytest.raises(AttributeError):
        spoken(lambda runner: runner.aply())
