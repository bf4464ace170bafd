"""The program at a terminal, in a pipe, and where somebody asked for no colours: the real process, on a real pty."""

import fcntl
import io
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from support.command_line import CommandLine
from support.terminal import left_on

TOO_LONG = "a-project-with-a-name-of-seventy-characters-that-no-service-would-take"
MANIFEST = f"""\
version: 1
platform: acme
environment: test
region: eu-west-1
state_bucket: acme-test-tfstate
mlflow: {{tracking_uri: http://mlflow.test}}
projects:
  {TOO_LONG}: {{}}
  überraschung: {{}}
"""
COMMANDS = (
    "--dry-run",
    "--wait",
    "status",
    "history",
    "history churn",
    "trace churn",
    "drift",
    "unlock",
    "validate",
    "bootstrap --dry-run",
    "mlflow-server up --dry-run",
    "deploy churn 7",
    "train nobody",
    "teardown --yess",
    "statu",
)


def on_terminal(
    folder: Path, *arguments: str, columns: int = 80, program: tuple[str, ...] = ("-m", "reconciler"), **variables: str
) -> tuple[int, str]:
    """The exit code, and what a terminal of so many columns is sent."""
    inherited = {key: value for key, value in os.environ.items() if key not in ("CI", "NO_COLOR", "COLUMNS", "LC_ALL")}
    environment = {**inherited, "TERM": "xterm-256color", "LANG": "C.UTF-8", **variables}
    process, terminal = pty.fork()
    if process == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        os.chdir(folder)
        os.execve(sys.executable, [sys.executable, *program, *arguments], environment)
    told = b""
    try:
        while part := os.read(terminal, 65536):
            told += part
    except OSError:  # how Linux says that the other side is gone
        pass
    finally:
        os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), told.decode().replace("\r\n", "\n")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "manifests").mkdir()
    (tmp_path / "manifests" / "prod.yaml").write_text(MANIFEST)
    return tmp_path


def test_a_mistake_at_a_terminal_is_red_and_broken_between_words(folder):
    code, told = on_terminal(folder, "validate")
    assert code == 3
    assert told.startswith("\x1b[31mmanifests/prod.yaml:8: ")
    plain = told.replace("\x1b[31m", "").replace("\x1b[0m", "")
    assert max(map(len, plain.splitlines())) <= 80
    assert "\x1b" not in plain


QUIET = [{"NO_COLOR": "1"}, {"CI": "true"}, {"TERM": "dumb"}, {"FORCE_COLOR": "0"}]


@pytest.mark.parametrize("variables", QUIET, ids="".join)
def test_no_colours_where_nobody_wants_them(folder, variables):
    code, told = on_terminal(folder, "validate", columns=120, **variables)
    assert code == 3
    assert "\x1b" not in told
    assert max(map(len, told.splitlines())) > 80


def test_the_c_locale_is_given_ascii_alone(folder):
    _, told = on_terminal(folder, "validate", LANG="C", NO_COLOR="1")
    assert told.isascii()
    assert "?berraschung" in told
    _, told = on_terminal(folder, "validate", NO_COLOR="1")
    assert "überraschung" in told


def test_a_wide_terminal_is_used(folder):
    _, narrow = on_terminal(folder, "--help")
    _, wide = on_terminal(folder, "--help", columns=120)
    assert max(map(len, narrow.splitlines())) <= 80
    assert 80 < max(map(len, wide.splitlines())) <= 120


@pytest.fixture(scope="module")
def team(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        line = CommandLine(tmp_path_factory.mktemp("team") / "repo", patch)
        line.want("churn", deployment={"version": 1})
        line.want("ranker", deployment={"version": 3})
        yield line


@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_writes_an_escape_code_into_a_pipe_or_a_line_without_an_end(team, command):
    ran = team.run(*command.split())
    assert "\x1b" not in ran.out
    assert "\r" not in ran.out
    assert ran.out.endswith("\n")


def test_colours_that_are_asked_for_are_given_in_a_pipe_too_and_nothing_moves(team, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    ran = team.run("--dry-run")
    assert "\x1b[1m" in ran.out
    assert "\x1b[2K" not in ran.out


CRYING = """
import sys
from pathlib import Path

import pytest

from reconciler.cli import run
from support.command_line import CommandLine

line = CommandLine(Path("team").absolute(), pytest.MonkeyPatch())
line.cloud.fails_to_train = {"churn"}
line.cloud.written = {"job-1": (*(f"epoch {n}" for n in range(30)), *LAST_WORDS)}
line.want("churn")
sys.exit(run(sys.argv[1:]))
"""
"""The real command line, whose one training says LAST_WORDS, and fails."""
LAST_WORDS = ("Traceback (most recent call last):", '  File "train.py", line 3, in <module>', "ValueError: no age")


@pytest.mark.parametrize("columns", [60, 120])
def test_an_exception_in_a_training_is_seen_at_a_terminal_as_in_a_pipe(tmp_path, columns):
    script = CRYING.replace("LAST_WORDS", repr(LAST_WORDS))
    program, path = ("-c", script), str(Path(__file__).parents[1])
    code, told = on_terminal(tmp_path, "--wait", columns=columns, program=program, PYTHONPATH=path)
    rows = left_on(told)
    assert code == 1, told
    words = [rows.index(f"churn:   {line}") for line in LAST_WORDS]
    summary = next(number for number, row in enumerate(rows) if row.startswith("Applied: "))
    failed = next(number for number, row in enumerate(rows) if re.match(r"churn: train \w+: failed \(", row))
    assert words == sorted(words)
    assert max(words) < failed < summary
    assert "epoch 3" not in "\n".join(rows).split()

    piped = subprocess.run(
        [sys.executable, *program, "--wait"],
        cwd=tmp_path / "team",
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=False,
    )
    assert [f"churn:   {line}" in piped.stdout for line in LAST_WORDS] == [True, True, True]


FOLLOWED = """
import os
import sys
from pathlib import Path

import pytest

from reconciler.cli import run
from support.command_line import CommandLine

line = CommandLine(Path("team").absolute(), pytest.MonkeyPatch())
line.want("churn")
line.cloud.written = {"job-1": ("epoch 1", "epoch 2")}
assert line.run().code == 0
if sys.argv[1:]:
    os.dup2(os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT), 1)
sys.exit(run(["logs", "churn", "--follow"]))
"""
"""Follows a training; standard output is the file that is named."""


@pytest.mark.parametrize("piped", [False, True])
def test_a_log_that_is_followed_moves_on_a_terminal_and_goes_whole_and_alone_into_a_pipe(tmp_path, piped):
    file = tmp_path / "out"
    program, words = ("-c", FOLLOWED), (str(file),) if piped else ()
    code, told = on_terminal(tmp_path, *words, program=program, PYTHONPATH=str(Path(__file__).parents[1]))
    rows = left_on(told)
    assert code == 0, told
    assert "job job-1 was followed to its end" in rows
    if piped:
        assert file.read_text() == "epoch 1\nepoch 2\n"
        assert "epoch 1" not in rows
    else:
        assert rows[:2] == ["epoch 1", "epoch 2"]
        assert "following the log of churn" in told


MISTAKES = {
    "statu": "no such command 'statu'. Did you mean 'status'?\n  how it is used: reconcile --help\n",
    "vpn ad x": "no such command 'ad'. Did you mean 'add'?\n  how it is used: reconcile vpn --help\n",
    "--dryrun": "no such option '--dryrun'. Did you mean '--dry-run'?\n  how it is used: reconcile --help\n",
    "deploy churn": "missing argument 'VERSION'\n  how it is used: reconcile deploy --help\n",
    "-o xml": "invalid value for '-o' / '--output': 'xml' is not one of 'text', 'json', 'markdown'\n"
    "  how it is used: reconcile --help\n",
}


@pytest.mark.parametrize("command", MISTAKES)
def test_what_nobody_understands_is_told_with_what_would_be_and_is_never_taken_for_pending_changes(team, command):
    ran = team.run(*command.split())
    assert (ran.code, ran.out) == (1, MISTAKES[command])


def test_a_group_without_a_command_shows_what_there_is(team):
    ran = team.run("sandbox")
    assert ran.code == 1
    assert "Commands:\n" in ran.out


@pytest.mark.parametrize("typed", ["", "acme-prod\n"])
def test_a_teardown_where_nobody_types_the_name_ends_before_it_begins(tmp_path, monkeypatch, typed):
    line = CommandLine(tmp_path / "team", monkeypatch)
    line.save()
    monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
    ran = line.run("teardown")
    assert ran.code == 4
    assert "is not torn down: nobody typed its name\n  type it when you are asked, or say --yes\n" in ran.out
