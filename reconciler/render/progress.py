"""What goes on and for how long: moving lines on a terminal, else plain ones that never cease for long."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from reconciler.core.actions import Action, Train
from reconciler.core.verdict import Pending
from reconciler.core.visible import visible
from reconciler.errors import Busy, Interrupted, ReconcilerError
from reconciler.ports import Say
from reconciler.render.logtail import LINES, end_of
from reconciler.render.screen import is_watched, print_wrapped, screen, width_of
from reconciler.render.words import duration, line
from reconciler.settings import Settings

BEAT = 60.0
"""Seconds after which a work that says nothing is told to be under way still."""
SOON = 5.0
"""Seconds that something may take before anybody is told of it in plain lines."""
KEPT = 100
"""Lines of a step that are kept while it goes on: what is told of them when it fails is within these."""
Steps = Sequence[Action | Pending]
Timer = Callable[[], float]
_IDLE = ""


class Shown(Protocol):
    """Progress on a screen."""

    def expect(self, steps: Mapping[str, Steps]) -> None:
        """These steps are to come, by project: what is next is told with each."""
        ...

    def started(self, step: Action | Pending, project: str) -> None:
        """A step begins."""
        ...

    def said(self, project: str, text: str) -> None:
        """A step says something."""
        ...

    def ended(self, step: Action | Pending, project: str, error: ReconcilerError | None) -> None:
        """A step ended, well or with `error`."""
        ...


@dataclass
class _Work:
    """Something under way."""

    what: str
    began: float
    told: float
    """When it was last heard of."""
    said: deque[str] = field(default_factory=lambda: deque(maxlen=KEPT))
    """The newest lines that it said."""


@dataclass
class _Works:
    """What is under way, by project: a project does one thing at a time."""

    timer: Timer = time.monotonic
    under_way: dict[str, _Work] = field(default_factory=dict)
    expected: Mapping[str, Steps] = field(default_factory=dict)

    def begin(self, project: str, what: str) -> None:
        now = self.timer()
        self.under_way[project] = _Work(what, now, now)

    def heard(self, project: str, text: str) -> None:
        if project in self.under_way:
            self.under_way[project].told = self.timer()
            self.under_way[project].said.append(text)

    def last_words(self, project: str, error: ReconcilerError | None) -> tuple[str, ...]:
        """What a step said before it failed, but for what its error tells by itself; nothing of one that did not."""
        work = self.under_way.get(project)
        if work is None or error is None or isinstance(error, Busy | Interrupted):
            return ()
        known = {row.strip() for text in (error.detail, error.what) for row in text.splitlines()}
        rows = (row for text in work.said for row in text.splitlines())
        return end_of("\n".join(row for row in rows if row.strip() not in known), LINES)

    def end(self, project: str) -> float:
        """Seconds that it took."""
        now = self.timer()
        return now - self.under_way.pop(project, _Work("", now, now)).began

    def silent(self) -> list[tuple[str, float]]:
        """What has not been heard of for long, and for how many seconds it goes on."""
        now = self.timer()
        quiet = [(work, now - work.began) for work in list(self.under_way.values()) if now - work.told >= BEAT]
        for work, _ in quiet:
            work.told = now
        return [(work.what, seconds) for work, seconds in quiet]

    def following(self, step: Action | Pending, project: str) -> str:
        steps = list(self.expected.get(project, ()))
        after = steps[steps.index(step) + 1 :] if step in steps else []
        return line(after[0]).what if after else ""


class PlainProgress:
    """One line for each event, and one for what has been silent for a minute."""

    def __init__(self, console: Console, timer: Timer = time.monotonic, *, wait: bool = True) -> None:
        """`wait`: whether trainings are seen to their end."""
        self._console = console
        self._works = _Works(timer)
        self._wait = wait

    def expect(self, steps: Mapping[str, Steps]) -> None:
        """These steps are to come, by project."""
        self._works.expected = steps

    def started(self, step: Action | Pending, project: str) -> None:
        """Print that a step begins, and what comes after it."""
        what, then = f"{project}: {line(step).what}", self._works.following(step, project)
        self._works.begin(project, what)
        self._print(f"{what} ..." + (f" (next: {then})" if then else ""))

    def said(self, project: str, text: str) -> None:
        """Print what a step says."""
        self._works.heard(project, text)
        self._print(f"{project}:   {text}", style="dim")

    def ended(self, step: Action | Pending, project: str, error: ReconcilerError | None) -> None:
        """Print how a step ended and how long it took."""
        outcome, style = _outcome(step, error, wait=self._wait)
        self._print(f"{project}: {line(step).what}: {outcome} ({duration(self._works.end(project))})", style=style)

    def beat(self) -> None:
        """Print what goes on without a word."""
        for what, seconds in self._works.silent():
            self._print(f"{what}: still under way after {duration(seconds)}", style="dim")

    def _print(self, text: str, style: str = "") -> None:
        self._console.print(Text(visible(text), style=style), soft_wrap=True)


def _cut(text: str, room: int) -> str:
    return text if cell_len(text) <= room else f"{set_cell_size(text, room - 3).rstrip()}..."


def _outcome(step: Action | Pending, error: ReconcilerError | None, *, wait: bool) -> tuple[str, str]:
    if error is None:
        return ("submitted", "cyan") if isinstance(step, Train) and not wait else ("done", "green")
    return ("left to the next run", "yellow") if isinstance(error, Busy) else ("failed", "red")


class LiveProgress:
    """One moving line for each project at work; what is done stays above as plain lines.

    Of a step that fails its last words stay above them, too: they say why.
    """

    def __init__(self, console: Console, idle: str = "", timer: Timer = time.monotonic, *, wait: bool = True) -> None:
        """`idle` is what goes on while no project is at work; empty: nothing.

        `wait`: whether trainings are seen to their end.
        """
        self._console = console
        self._wait = wait
        self._works = _Works(timer)
        columns = (SpinnerColumn("line"), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
        self._progress = Progress(*columns, console=console, transient=True)
        self._tasks: dict[str, TaskID] = {}
        self._idle = idle
        self._lock = threading.Lock()
        self._rest()
        self._progress.start()

    def expect(self, steps: Mapping[str, Steps]) -> None:
        """These steps are to come, by project."""
        self._works.expected = steps

    def started(self, step: Action | Pending, project: str) -> None:
        """Show the step as running, and what comes after it."""
        with self._lock:
            self._drop(_IDLE)
            then = self._works.following(step, project)
            self._works.begin(project, f"{project}: {line(step).what}")
            self._show(project, f"(next: {then})" if then else "")

    def said(self, project: str, text: str) -> None:
        """Show the newest line of the step beside it."""
        with self._lock:
            self._works.heard(project, text)
            self._show(project, text)

    def ended(self, step: Action | Pending, project: str, error: ReconcilerError | None) -> None:
        """Leave one plain line for the step, below the last words of one that failed."""
        outcome, style = _outcome(step, error, wait=self._wait)
        with self._lock:
            last_words = self._works.last_words(project, error)
            took = duration(self._works.end(project))
            self._drop(project)
            self._rest()
            for row in last_words:
                print_wrapped(Text(f"{project}:   {row}", style="dim"), self._console, indent=0, hang=len(project) + 4)
            told = Text(f"{project}: {line(step).what}: {outcome} ({took})", style=style)
            print_wrapped(told, self._console, indent=0, hang=2)

    def close(self) -> None:
        """Give the terminal back."""
        self._progress.stop()

    def _rest(self) -> None:
        if self._idle and not self._tasks:
            self._works.begin(_IDLE, self._idle)
            self._show(_IDLE, "")

    def _show(self, project: str, beside: str) -> None:
        if project not in self._works.under_way:
            return
        room = width_of(self._console) - len("-  0:00:00 ")
        rows = [self._works.under_way[project].what, *([f"  {beside}"] if beside else ())]
        shown = "\n".join(_cut(visible(row).replace("\n", " "), room) for row in rows)
        if project in self._tasks:
            self._progress.update(self._tasks[project], description=shown)
        else:
            self._tasks[project] = self._progress.add_task(shown, total=None)

    def _drop(self, project: str) -> None:
        self._works.under_way.pop(project, None)
        if project in self._tasks:
            self._progress.remove_task(self._tasks.pop(project))


@contextmanager
def progress_on(console: Console, settings: Settings, idle: str, *, wait: bool = True) -> Iterator[Shown]:
    """Live lines where a person looks at a terminal, else plain ones; the terminal is given back at the end.

    `idle` is what goes on between the steps. `wait`: whether trainings are seen to their end.
    """
    if not is_watched(console, settings):
        plain = PlainProgress(console, wait=wait)
        with _ticking(plain.beat):
            yield plain
        return
    live = LiveProgress(console, idle, wait=wait)
    try:
        yield live
    finally:
        live.close()


@contextmanager
def waiting(
    what: str, settings: Settings, *, soon: float = SOON, beat: float = BEAT, moving: bool = True
) -> Iterator[Say]:
    """Tell on standard error what goes on, and for how long; what it says meanwhile is given to the function.

    On a terminal it is gone afterwards, unless it may not be `moving` there. Elsewhere, nothing is told of what takes
    no time.
    """
    console = screen(settings, stderr=True)
    if moving and is_watched(console, settings):
        live = LiveProgress(console, what)
        try:
            yield lambda text: live.said(_IDLE, text)
        finally:
            live.close()
        return
    patience = _Patience(what, console, soon, beat)
    with _ticking(patience.tick):
        yield patience.said
    patience.end()


class _Patience:
    """Plain lines about one thing that may take long."""

    def __init__(self, what: str, console: Console, soon: float, beat: float) -> None:
        self._what = what
        self._console = console
        self._beat = beat
        self._began = time.monotonic()
        self._next = self._began + soon
        self._told = False

    def said(self, text: str) -> None:
        self._print(text)

    def tick(self) -> None:
        now = time.monotonic()
        if now >= self._next:
            still = f"{self._what}: still under way after {duration(now - self._began)}"
            self._print(still if self._told else f"{self._what} ...")
            self._next, self._told = now + self._beat, True

    def end(self) -> None:
        if self._told:
            self._print(f"{self._what}: done ({duration(time.monotonic() - self._began)})")

    def _print(self, text: str) -> None:
        self._console.print(Text(visible(text)), soft_wrap=True)


@contextmanager
def _ticking(tick: Callable[[], None], every: float = 0.5) -> Iterator[None]:
    """Call `tick` again and again on a thread of its own."""
    over = threading.Event()

    def run() -> None:
        while not over.wait(every):
            tick()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
