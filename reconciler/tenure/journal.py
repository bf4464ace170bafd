"""Writes down what a run does while it does it, so that an end of any kind leaves a record."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic

from reconciler.apply import Listener
from reconciler.core.actions import Action, Deploy, Repair, RetireBootstrap, RetireDeployment, Train, Update
from reconciler.core.digest import digest
from reconciler.core.history import Outcome, ProjectRecord, Record, is_news
from reconciler.core.lease import Holder
from reconciler.core.verdict import Pending, ProjectPlan
from reconciler.errors import Busy, Interrupted, ReconcilerError
from reconciler.ports import Say, World
from reconciler.reconcile import Proposal
from reconciler.tenure.insist import insist


@dataclass
class _Entry:
    """One project so far."""

    before: int | None = None
    after: int | None = None
    steps: list[str] = field(default_factory=list)
    began: float = 0.0
    seconds: float = 0.0
    left: int = 0
    """Steps that were planned and have not begun."""
    under_way: bool = False
    error: ReconcilerError | None = None
    refusal: str = ""
    remedy: str = ""
    image: str = ""


class Journal:
    """Of one run; `timer` counts seconds."""

    def __init__(
        self, run: str, began: datetime, holder: Holder, author: str, timer: Callable[[], float] = monotonic
    ) -> None:
        self._run = run
        self._began = began
        self._holder = holder
        self._author = author
        self._timer = timer
        self._lock = threading.Lock()
        self._entries: dict[str, _Entry] = {}
        self._plan = ""
        self._whole = False
        self._code: int | None = None
        self._error: ReconcilerError | None = None

    def showing(self, show: Callable[[Proposal], None], *, wait: bool) -> Callable[[Proposal], None]:
        """Notes each proposal, and shows it. `wait`: trainings and changing endpoints are seen to their end."""

        def both(proposal: Proposal) -> None:
            # Only the first proposal says what was asked for: later ones are of the projects that moved on.
            self._whole = self._whole or not (self._plan or proposal.options.projects)
            self.planned(proposal.plan)
            for project in proposal.plan.projects:
                self._intend(project, wait=wait)
            show(proposal)

        return both

    def listening(self, listener: Listener) -> Listener:
        """Notes each step, and tells `listener` of it."""
        return _Both(self, listener)

    def planned(self, plan: object) -> None:
        """What was to be done; the first plan of a run is the one that its record names."""
        self._plan = self._plan or digest(plan)

    def ended(self, code: int) -> int:
        """The run ended with an exit code, which is returned."""
        self._code = code
        return code

    def failed(self, error: ReconcilerError) -> None:
        """The run as a whole ended with an error."""
        self._error = error
        self._code = error.exit_code

    def noted(self, project: str, step: str) -> None:
        """Something was done to a project that is no action of a plan."""
        self._entry(project).steps.append(step)

    def begun(self, project: str) -> None:
        """A step of a project begins."""
        entry = self._entry(project)
        entry.began = self._timer()
        entry.left = max(0, entry.left - 1)

    def done(self, step: Action | Pending, project: str, error: ReconcilerError | None) -> None:
        """A step of a project ended."""
        entry = self._entry(project)
        entry.seconds += self._timer() - entry.began
        entry.error = error
        if error:
            return
        if isinstance(step, Pending):
            entry.under_way = False
            return
        entry.steps.append(type(step).__name__)
        match step:
            case Deploy(after=release) | Update(after=release) | Repair(after=release):
                entry.after, entry.image = release.version, release.tag
            case RetireDeployment():
                entry.after, entry.image = None, ""
            case _:
                pass

    def record(self, number: int, now: datetime, *, stopped: bool) -> Record:
        """The run under the lease with this fencing number. `stopped`: somebody asked it to end."""
        otherwise = Interrupted.exit_code if stopped else ReconcilerError.exit_code
        return Record(
            run=self._run,
            started=_text(self._began),
            ended=_text(now),
            commit=self._holder.commit,
            author=self._author,
            actor=self._holder.user,
            trigger=self._holder.trigger,
            url=self._holder.url,
            fence=number,
            plan=self._plan,
            exit_code=otherwise if self._code is None else self._code,
            projects=tuple(_project(name, entry, stopped=stopped) for name, entry in sorted(self._entries.items())),
            error=self._error.what if self._error else "",
            remedy=self._error.remedy if self._error else "",
            whole=self._whole,
        )

    def write(self, world: World, number: int, say: Say) -> None:
        """Append the record to the history, unless it is no news. A failure is told, and hides nothing else."""
        record = self.record(number, world.clock.now(), stopped=world.cancel.is_set())
        if any(RetireBootstrap.__name__ in project.steps for project in record.projects):
            return  # the history went with the bucket
        try:
            insist(lambda: _append(record, world))
        except ReconcilerError as error:
            say(f"the history does not know of this run: {error}")

    def _entry(self, project: str) -> _Entry:
        with self._lock:
            return self._entries.setdefault(project, _Entry())

    def _intend(self, plan: ProjectPlan, *, wait: bool) -> None:
        if not (plan.actions or plan.refusals or (wait and plan.pending)):
            return
        known = plan.name in self._entries
        entry = self._entry(plan.name)
        if not known:
            entry.before = entry.after = plan.live_version
        entry.left = len(plan.actions)
        trains = any(isinstance(action, Train) for action in plan.actions)
        entry.under_way = bool(plan.pending) or (trains and not wait)
        if plan.refusals:
            entry.refusal, entry.remedy = plan.refusals[0].what, plan.refusals[0].remedy


def _append(record: Record, world: World) -> None:
    if is_news(record, next(iter(world.history.records(1)), None)):
        world.history.append(record)


def _project(name: str, entry: _Entry, *, stopped: bool) -> ProjectRecord:
    outcome, error, remedy = _outcome(entry, stopped=stopped)
    steps, seconds = tuple(entry.steps), round(entry.seconds, 1)
    return ProjectRecord(name, entry.before, entry.after, steps, outcome, seconds, error, remedy, entry.image)


def _outcome(entry: _Entry, *, stopped: bool) -> tuple[Outcome, str, str]:
    if entry.error:
        return _of_error(entry.error), entry.error.what, entry.error.remedy
    if entry.left:
        return (Outcome.INTERRUPTED, "", "") if stopped else (Outcome.FAILED, "it was not begun", "")
    if entry.refusal:
        return Outcome.REFUSED, entry.refusal, entry.remedy
    return (Outcome.PENDING if entry.under_way else Outcome.DONE), "", ""


def _of_error(error: ReconcilerError) -> Outcome:
    match error:
        case Interrupted():
            return Outcome.INTERRUPTED
        case Busy():
            return Outcome.PENDING
        case _:
            return Outcome.FAILED


def _text(time: datetime) -> str:
    return time.isoformat(timespec="seconds")


@dataclass(frozen=True, slots=True)
class _Both:
    """Tells two of what happens."""

    journal: Journal
    listener: Listener

    def started(self, step: Action | Pending, project: str) -> None:
        self.journal.begun(project)
        self.listener.started(step, project)

    def said(self, project: str, line: str) -> None:
        self.listener.said(project, line)

    def ended(self, step: Action | Pending, project: str, error: ReconcilerError | None) -> None:
        self.journal.done(step, project, error)
        self.listener.ended(step, project, error)
