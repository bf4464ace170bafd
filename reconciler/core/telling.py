"""A plan as a person may read it: the words of others in it without their secrets."""

from collections.abc import Callable
from dataclasses import replace

from reconciler.core.verdict import Pending, Plan, Problem, ProjectPlan

Redact = Callable[[str], str]


def told(plan: Plan, redact: Redact) -> Plan:
    """The same plan: what is done stays, what is said of it is redacted."""
    return replace(
        plan,
        projects=tuple(_project(project, redact) for project in plan.projects),
        problems=_problems(plan.problems, redact),
        notes=_lines(plan.notes, redact),
        refusals=_problems(plan.refusals, redact),
    )


def _project(project: ProjectPlan, redact: Redact) -> ProjectPlan:
    return replace(
        project,
        pending=tuple(_pending(pending, redact) for pending in project.pending),
        problems=_problems(project.problems, redact),
        refusals=_problems(project.refusals, redact),
        waits=_lines(project.waits, redact),
        notes=_lines(project.notes, redact),
        paused=redact(project.paused),
    )


def _pending(pending: Pending, redact: Redact) -> Pending:
    return replace(pending, what=redact(pending.what))


def _problems(problems: tuple[Problem, ...], redact: Redact) -> tuple[Problem, ...]:
    return tuple(_problem(problem, redact) for problem in problems)


def _problem(problem: Problem, redact: Redact) -> Problem:
    return Problem(redact(problem.what), redact(problem.remedy), redact(problem.detail))


def _lines(lines: tuple[str, ...], redact: Redact) -> tuple[str, ...]:
    return tuple(redact(line) for line in lines)
