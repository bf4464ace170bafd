"""How a long work is followed: by a person at a terminal, and in a log."""

import io
import re
import sys
import time
from dataclasses import replace

import pytest
from rich.console import Console

from reconciler.core.actions import RetireTraining, Train
from reconciler.core.observed import ObservedProject
from reconciler.core.plan import plan
from reconciler.errors import Busy, Interrupted, ReconcilerError, TrainingFailed
from reconciler.reconcile import Options, reconcile
from reconciler.render import progress as progress_module
from reconciler.render.logtail import LINES
from reconciler.render.progress import LiveProgress, PlainProgress, progress_on, waiting
from reconciler.render.screen import tell
from reconciler.settings import Settings
from support.builders import desired, observed, project
from support.fakes import Cloud
from support.terminal import left_on

ACTIONS = plan(desired(project()), observed(ObservedProject("churn"))).projects[0].actions
TRAIN = next(action for action in ACTIONS if isinstance(action, Train))
GONE = RetireTraining("spam", "gone")


class Terminal(io.StringIO):
    """Somebody looks at it."""

    def isatty(self) -> bool:
        return True


def console(file=None, width=80, **more) -> Console:
    return Console(file=file or io.StringIO(), width=width, highlight=False, **more)


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_log_has_a_line_when_a_step_begins_with_what_is_next_and_one_when_it_ends_with_its_time():
    clock, screen = Clock(), console(width=200)
    progress = PlainProgress(screen, clock)
    progress.expect({"churn": ACTIONS})
    progress.started(TRAIN, "churn")
    progress.said("churn", "job 1 is RUNNING")
    clock.now += 727
    progress.ended(TRAIN, "churn", None)
    progress.started(GONE, "spam")
    progress.ended(GONE, "spam", TrainingFailed("no"))
    progress.started(GONE, "spam")
    progress.ended(GONE, "spam", Busy("no"))
    digest = TRAIN.digest[:12]
    assert screen.file.getvalue().splitlines() == [
        f"churn: train {digest} ...",
        "churn:   job 1 is RUNNING",
        f"churn: train {digest}: done (12 min 7 s)",
        "spam: retire training ...",
        "spam: retire training: failed (0.0 s)",
        "spam: retire training ...",
        "spam: retire training: left to the next run (0.0 s)",
    ]
    progress.started(ACTIONS[0], "churn")
    assert screen.file.getvalue().endswith(
        f"churn: provision training ... (next: build the training image of {digest})\n"
    )


def test_what_says_nothing_is_told_to_be_under_way_every_minute_and_not_more_often():
    clock, screen = Clock(), console(width=200)
    progress = PlainProgress(screen, clock)
    progress.started(TRAIN, "churn")
    progress.started(GONE, "spam")
    for _ in range(150):
        clock.now += 1
        if clock.now == 130:
            progress.said("churn", "epoch 1")
        progress.beat()
    told = [line for line in screen.file.getvalue().splitlines() if "still" in line]
    assert told == [
        "spam: retire training: still under way after 1 min 0 s",
        f"churn: train {TRAIN.digest[:12]}: still under way after 1 min 30 s",
        "spam: retire training: still under way after 2 min 0 s",
        f"churn: train {TRAIN.digest[:12]}: still under way after 2 min 30 s",
    ]


def test_a_log_is_never_silent_while_a_step_goes_on(monkeypatch):
    monkeypatch.setattr(progress_module, "BEAT", 0.1)
    screen = console()
    with progress_on(screen, Settings({}), "looking") as progress:
        progress.started(GONE, "spam")
        time.sleep(1.3)
    assert "spam: retire training: still under way after " in screen.file.getvalue()


@pytest.mark.parametrize("kind", [PlainProgress, LiveProgress])
def test_progress_leaves_one_line_with_its_time_for_each_step(kind):
    screen = console(Terminal(), 120, force_terminal=kind is LiveProgress)
    progress = kind(screen)
    reconcile(desired(project()), Cloud().world, Options(wait=True), progress, lambda _: None)
    if kind is LiveProgress:
        progress.close()
    assert re.search(r"churn: deploy version 1: done \(\d+\.\d s\)", screen.file.getvalue())


def test_what_nobody_waits_for_is_submitted_and_not_done():
    for kind in (PlainProgress, LiveProgress):
        screen = console(Terminal(), 200, force_terminal=kind is LiveProgress)
        progress = kind(screen, wait=False)
        progress.started(TRAIN, "churn")
        progress.ended(TRAIN, "churn", None)
        progress.started(GONE, "spam")
        progress.ended(GONE, "spam", None)
        if isinstance(progress, LiveProgress):
            progress.close()
        told = screen.file.getvalue()
        assert re.search(rf"churn: train {TRAIN.digest[:12]}: submitted \(\d\.\d s\)", told)
        assert re.search(r"spam: retire training: done \(\d\.\d s\)", told)


LOG = (
    *(f"epoch {n}" for n in range(40)),
    "Traceback (most recent call last):",
    '  File "train.py", line 3, in <module>',
    "ValueError: column age is missing",
    "attempt 1 failed: exit code 1",
)


def failed(error: ReconcilerError, width: int = 80) -> list[str]:
    """What stays on a terminal of a step that says LOG and ends with an error."""
    screen = console(Terminal(), width, force_terminal=True, color_system=None)
    with progress_on(screen, Settings({}), "looking") as progress:
        progress.started(TRAIN, "churn")
        for text in LOG:
            progress.said("churn", text)
        progress.ended(TRAIN, "churn", error)
    return left_on(screen.file.getvalue())


def test_the_last_words_of_a_step_that_fails_stay_on_a_terminal_above_its_end():
    rows = failed(TrainingFailed("training of churn failed: exit code 1"))
    assert rows[0] == "churn:   epoch 29"
    assert rows[-3:-1] == ["churn:   ValueError: column age is missing", "churn:   attempt 1 failed: exit code 1"]
    assert rows[-1].startswith(f"churn: train {TRAIN.digest[:12]}: failed (")
    assert len(rows) == LINES + 1


def test_what_the_error_tells_by_itself_is_not_told_twice():
    rows = failed(TrainingFailed("it failed", "mend it", "\n".join(LOG[:-1])))
    assert rows[:-1] == ["churn:   attempt 1 failed: exit code 1"]


@pytest.mark.parametrize("error", [Busy("somebody else works on it"), Interrupted("stopped")])
def test_a_step_that_did_not_fail_leaves_no_last_words(error):
    assert len(failed(error)) == 1


@pytest.mark.parametrize("width", [40, 80])
def test_a_moving_line_is_never_wider_than_the_terminal_and_takes_words_of_others_as_they_are(width):
    screen = console(Terminal(), width, force_terminal=True, color_system=None)
    with progress_on(screen, Settings({}), "looking at what acme-test holds") as progress:
        progress.expect({"n" * 64: (GONE, TRAIN)})
        progress.started(GONE, "n" * 64)
        progress.said("n" * 64, "[/] [bold] \x1b[31mred \r" + "word " * 90)
        progress.ended(GONE, "n" * 64, None)
    told = screen.file.getvalue()
    assert "\x1b[31m" not in told
    rows = re.split(r"[\r\n]+", re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", told))
    assert [row for row in rows if len(row.rstrip()) > width] == []


def test_a_moving_line_says_what_goes_on_between_the_steps_and_what_is_next():
    screen = console(Terminal(), 160, force_terminal=True)
    with progress_on(screen, Settings({}), "looking at what acme-test holds") as progress:
        time.sleep(0.3)
        progress.expect({"spam": (GONE, TRAIN)})
        progress.started(GONE, "spam")
        time.sleep(0.3)
        progress.said("spam", "terraform destroys")
        time.sleep(0.3)
        progress.ended(GONE, "spam", None)
    told = screen.file.getvalue()
    for words in (
        "looking at what acme-test holds",
        "spam: retire training",
        "  (next: train ",
        "  terraform destroys",
    ):
        assert words in told
    assert re.search(r"spam: retire training: done \(0\.[0-9] s\)", told)


@pytest.mark.parametrize("variables", [{"CI": "1"}, {"TERM": "dumb"}])
def test_nothing_moves_where_nobody_looks(variables):
    screen = console(Terminal(), 80, force_terminal=False)
    with progress_on(screen, Settings(variables), "looking") as progress:
        progress.started(GONE, "spam")
        progress.ended(GONE, "spam", None)
    assert "\x1b" not in screen.file.getvalue()
    assert isinstance(progress, PlainProgress)


def test_what_takes_no_time_leaves_no_trace_in_a_log(capsys):
    with waiting("looking", Settings({})):
        pass
    assert capsys.readouterr() == ("", "")


def test_what_takes_long_is_told_at_its_beginning_meanwhile_and_at_its_end(capsys):
    with waiting("looking", Settings({}), soon=0.2, beat=0.5) as say:
        say("a stack is looked at")
        time.sleep(2.2)
    out, err = capsys.readouterr()
    first, second, *meanwhile, last = err.splitlines()
    assert (out, first, second) == ("", "a stack is looked at", "looking ...")
    assert 1 <= len(meanwhile) <= 4
    assert all(re.fullmatch(r"looking: still under way after \d\.\d s", line) for line in meanwhile)
    assert re.fullmatch(r"looking: done \(\d\.\d s\)", last)


def test_what_fails_is_not_called_done(capsys):
    def fail() -> None:
        with waiting("looking", Settings({}), soon=0.0):
            time.sleep(0.8)
            raise TrainingFailed("no")

    with pytest.raises(TrainingFailed):
        fail()
    assert capsys.readouterr().err == "looking ...\n"


def test_a_step_that_was_not_expected_has_nothing_next():
    screen = console()
    progress = PlainProgress(screen)
    progress.expect({"churn": ACTIONS})
    progress.started(replace(TRAIN, digest="f" * 64), "churn")
    assert screen.file.getvalue() == "churn: train ffffffffffff ...\n"


def test_what_is_told_meanwhile_stands_above_what_moves(monkeypatch):
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    monkeypatch.setenv("TERM", "xterm")
    with waiting("looking", Settings({})):
        time.sleep(0.3)
        tell("somebody holds the lease")
        time.sleep(0.3)
    rows = re.split(r"[\r\n]+", re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", screen.getvalue()))
    assert "somebody holds the lease" in [row.rstrip() for row in rows]
