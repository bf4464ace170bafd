"""Carry a plan out: in order, projects side by side, a failure stopping its own project only."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

from reconciler.core.actions import Action, Train
from reconciler.core.verdict import Pending, Plan, ProjectPlan
from reconciler.errors import Busy, Interrupted, ReconcilerError
from reconciler.perform import Executor, perform
from reconciler.ports import Say


class Listener(Protocol):
    """Is told what happens while a plan is carried out. Called from several threads."""

    def started(self, step: Action | Pending, project: str) -> None:
        """A step begins."""
        ...

    def said(self, project: str, line: str) -> None:
        """A step reports progress."""
        ...

    def ended(self, step: Action | Pending, project: str, error: ReconcilerError | None) -> None:
        """A step ended, well or with `error`."""
        ...


@dataclass(frozen=True, slots=True)
class Failure:
    """The step that stopped a project."""

    step: Action | Pending
    error: ReconcilerError

    @property
    def busy(self) -> bool:
        """Whether nothing is wrong: somebody else is changing it, and the next run goes on."""
        return isinstance(self.error, Busy)


@dataclass(frozen=True, slots=True)
class ProjectReport:
    """What became of one project's actions."""

    name: str
    done: tuple[Action | Pending, ...] = ()
    failure: Failure | None = None
    skipped: tuple[Action | Pending, ...] = ()
    submitted: tuple[Action | Pending, ...] = ()
    """Trainings that were begun and not waited for: nobody knows yet how they end."""


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a plan."""

    platform: ProjectReport | None
    projects: tuple[ProjectReport, ...]

    @property
    def runs(self) -> tuple[ProjectReport, ...]:
        """Every part that was to be worked on, the platform first."""
        return ((self.platform,) if self.platform else ()) + self.projects

    @property
    def failures(self) -> tuple[Failure, ...]:
        """Every failure, the platform's first; what is only busy is none."""
        return tuple(stop for stop in self.stops if not stop.busy)

    @property
    def stops(self) -> tuple[Failure, ...]:
        """Every step that was not carried out, for whatever reason."""
        return tuple(run.failure for run in self.runs if run.failure)


def apply(plan: Plan, executor: Executor, listener: Listener, parallelism: int) -> Report:
    """Carry out every action of the plan. Raises nothing: failures are in the report."""
    platform = run("platform", (plan.platform,), executor, listener) if plan.platform else None
    busy = [project for project in plan.projects if _steps(project, executor)]
    if platform and platform.failure:
        return Report(platform, tuple(ProjectReport(p.name, skipped=_steps(p, executor)) for p in busy))
    with ThreadPoolExecutor(max(1, parallelism)) as pool:
        reports = pool.map(lambda project: run(project.name, _steps(project, executor), executor, listener), busy)
        return Report(platform, tuple(reports))


def _steps(project: ProjectPlan, executor: Executor) -> tuple[Action | Pending, ...]:
    return project.actions + (project.pending if executor.wait else ())


def run(name: str, steps: tuple[Action | Pending, ...], executor: Executor, listener: Listener) -> ProjectReport:
    """Carry out steps in order, up to the first that fails. Raises nothing."""
    for index, step in enumerate(steps):
        listener.started(step, name)
        error = _attempt(step, executor, lambda line: listener.said(name, executor.world.redact(line)))
        listener.ended(step, name, error)
        if error:
            return _report(name, steps[:index], executor, Failure(step, error), steps[index + 1 :])
    return _report(name, steps, executor)


def _report(
    name: str,
    carried_out: tuple[Action | Pending, ...],
    executor: Executor,
    failure: Failure | None = None,
    skipped: tuple[Action | Pending, ...] = (),
) -> ProjectReport:
    submitted = tuple(step for step in carried_out if isinstance(step, Train) and not executor.wait)
    done = tuple(step for step in carried_out if step not in submitted)
    return ProjectReport(name, done, failure, skipped, submitted)


def _attempt(step: Action | Pending, executor: Executor, say: Say) -> ReconcilerError | None:
    if executor.world.cancel.is_set():
        return Interrupted("stopped before it began", "run reconcile again: it goes on from here")
    try:
        perform(step, executor, say)
    except ReconcilerError as error:
        error.retell(executor.world.redact)
        return error
    return None
