"""Progress while a plan is carried out: live lines on a terminal, plain lines in CI and pipes."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from reconciler.core.actions import Action
from reconciler.core.verdict import Pending
from reconciler.errors import Busy, ReconcilerError
from reconciler.render.words import line


class _Timer:
    """Seconds of each running step, by project: a project does one thing at a time."""

    def __init__(self) -> None:
        self._started: dict[str, float] = {}

    def start(self, project: str) -> None:
        self._started[project] = time.monotonic()

    def seconds(self, project: str) -> float:
        return time.monotonic() - self._started.pop(project, time.monotonic())


class PlainProgress:
    """One line for each event."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self.timer = _Timer()

    def started(self, step: Action | Pending, project: str) -> None:
        """Print that a step begins."""
        self.timer.start(project)
        self._print(f"{project}: {line(step).what} ...")

    def said(self, project: str, text: str) -> None:
        """Print what a step says."""
        self._print(f"{project}:   {text}", style="dim")

    def ended(self, step: Action | Pending, project: str, error: ReconcilerError | None) -> None:
        """Print how a step ended and how long it took."""
        outcome, style = _outcome(error)
        took = self.timer.seconds(project)
        self._print(f"{project}: {line(step).what}: {outcome} ({took:.1f} s)", style=style)

    def close(self) -> None:
        """Nothing to give back."""

    def _print(self, text: str, style: str = "") -> None:
        self._console.print(Text(text, style=style), soft_wrap=True)


def _outcome(error: ReconcilerError | None) -> tuple[str, str]:
    if error is None:
        return "done", "green"
    return ("left to the next run", "yellow") if isinstance(error, Busy) else ("failed", "red")


class LiveProgress:
    """One moving line for each project at work; what is done stays above as plain lines."""

    def __init__(self, console: Console) -> None:
        self._plain = PlainProgress(console)
        columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        self._progress = Progress(*columns, console=console, transient=True)
        self._tasks: dict[str, TaskID] = {}
        self._steps: dict[str, str] = {}
        self._lock = threading.Lock()
        self._progress.start()

    def started(self, step: Action | Pending, project: str) -> None:
        """Show the step as running."""
        self._plain.timer.start(project)
        with self._lock:
            self._steps[project] = f"{project}: {line(step).what}"
            self._tasks[project] = self._progress.add_task(self._steps[project], total=None)

    def said(self, project: str, text: str) -> None:
        """Show the newest line of the step beside it."""
        with self._lock:
            width = max(20, self._progress.console.width - len(self._steps[project]) - 16)
            self._progress.update(self._tasks[project], description=f"{self._steps[project]}  {text[:width]}")

    def ended(self, step: Action | Pending, project: str, error: ReconcilerError | None) -> None:
        """Leave one plain line for the step."""
        with self._lock:
            self._progress.remove_task(self._tasks.pop(project))
        self._plain.ended(step, project, error)

    def close(self) -> None:
        """Give the terminal back."""
        self._progress.stop()


@contextmanager
def progress_on(console: Console, *, watched: bool) -> Iterator[LiveProgress | PlainProgress]:
    """Live lines where a person looks at a terminal, else plain ones; the terminal is given back at the end."""
    progress = LiveProgress(console) if watched and console.is_terminal else PlainProgress(console)
    try:
        yield progress
    finally:
        progress.close()
