"""A plan as Markdown, for a pull request's comment or a job's summary: what may cost most first, and never too long."""

from collections.abc import Sequence
from typing import Any

from reconciler.apply import Failure, ProjectReport, Report
from reconciler.core.actions import Action, ProjectAction, RetireDeployment, RetireTraining
from reconciler.core.verdict import Plan, Problem, ProjectPlan
from reconciler.reconcile import Proposal
from reconciler.render.document import document
from reconciler.render.markup import (
    FEW,
    LONGEST,
    NAMED,
    SEVERAL,
    code,
    escape,
    fitting,
    item,
    joined,
    names,
    told,
)
from reconciler.render.words import LEFT, applied, line, refused, summary, withheld

WITHHELD = 50
"""Names of those that a guard keeps from retiring: each is told again further down."""
DIGEST = 16
"""Hex digits of a plan's digest that are shown: enough to tell one from all others."""
COMMIT = 12
_RETIRED, _REFUSED, _CALM = range(3)


def markdown(proposal: Proposal, report: Report | None = None, longest: int = LONGEST) -> str:
    """What is retired, what is refused and why, then the rest; above it the summary, below it the plan's digest."""
    plan = proposal.plan
    telling = sorted((one for one in plan.projects if _tells(one)), key=_urgency)
    first = sum(_urgency(one)[0] == _RETIRED for one in telling)
    sections = [_project(one) for one in telling]
    head, platform = _head(proposal), _platform(plan)
    last = _origin(document(proposal, report))
    whole = joined((*head, *sections[:first], *platform, *sections[first:], *_tail(plan), last))
    if len(whole) <= longest:
        return whole
    tail = [*_notes(plan), *_in_sync(plan, most=0), last]
    room = longest - len(joined((*head, *platform, _cut(telling), *tail)))
    count = fitting(sections, room)
    cut = [_cut(telling[count:])] if count < len(telling) else []
    return joined((*head, *sections[: min(first, count)], *platform, *sections[first:count], *cut, *tail))


def markdown_of(rounds: Sequence[tuple[Proposal, Report]]) -> str:
    """What became of the plans of one run, then the plans, as many as fit."""
    outcome = _outcome([report for _, report in rounds])
    room = LONGEST - len(outcome) - 100
    texts = [markdown(*one, room) for one in rounds]
    count = max(1, fitting(texts, room))
    more = [f"{len(texts) - count} more rounds followed: see the job's log\n"] if count < len(texts) else []
    return "\n".join((*([outcome] if outcome else []), *texts[:count], *more))


def _head(proposal: Proposal) -> list[str]:
    platform, plan = proposal.desired.platform, proposal.plan
    parts = [f"## {code(f'{platform.name}-{platform.environment}')}", f"**{escape(summary(plan))}**"]
    if retiring := [known for one in plan.projects if (known := _retirement(one, one.actions))]:
        parts.append(f"**Retires: {names(retiring)}**")
    if withheld := [known for one in plan.projects if (known := _retirement(one, one.held))]:
        parts.append(f"**Would retire, and is held back: {names(withheld, WITHHELD)}**")
    parts += [told(problem) for problem in plan.problems[:FEW]]
    if len(plan.problems) > FEW:
        parts.append(f"- and {len(plan.problems) - FEW} more problems of the environment")
    return parts


def _retirement(project: ProjectPlan, actions: Sequence[ProjectAction]) -> str:
    """`churn (endpoint and training)`; empty when nothing of it goes."""
    kinds = {type(action) for action in actions}
    known = ((RetireDeployment, "endpoint"), (RetireTraining, "training"))
    parts = " and ".join(word for kind, word in known if kind in kinds)
    return f"{code(project.name)} ({parts})" if parts else ""


def _platform(plan: Plan) -> list[str]:
    parts = []
    if plan.held:
        parts.append(
            "\n".join(("### platform\n", _withheld(plan.held, refused(plan.refusals)), *map(told, plan.refusals)))
        )
    if plan.platform:
        words = line(plan.platform)
        parts.append("\n".join(("### platform\n", item(words.what, words.reason), *_details(words.details))))
    return parts


def _tail(plan: Plan) -> list[str]:
    return [*_notes(plan), *_in_sync(plan, NAMED)]


def _notes(plan: Plan) -> list[str]:
    return [item(note, "note") for note in plan.notes[:SEVERAL]]


def _in_sync(plan: Plan, most: int) -> list[str]:
    quiet = [code(project.name) for project in plan.projects if not _tells(project)]
    if not quiet:
        return []
    return [f"In sync: {names(quiet, most) if most else len(quiet)}"]


def _origin(made: dict[str, Any]) -> str:
    commit = made["basis"]["commit"][:COMMIT]
    return f"Plan {code(made['digest'][:DIGEST])}" + (f", made from commit {code(commit)}" if commit else "")


def _cut(left: Sequence[ProjectPlan]) -> str:
    count = f"**and {len(left)} more {'project' if len(left) == 1 else 'projects'}: see the job's plan file**"
    held = [code(project.name) for project in left if project.refusals]
    return f"{count}\n\nRefused among them: {names(held)}" if held else count


def _urgency(project: ProjectPlan) -> tuple[int, str]:
    """Retired first, then refused, then the rest; by name."""
    if _retirement(project, project.actions):
        return _RETIRED, project.name
    return (_REFUSED if project.refusals else _CALM), project.name


def _tells(project: ProjectPlan) -> bool:
    done = (project.actions, project.pending, project.waits)
    known = (project.problems, project.refusals, project.tolerated, project.notes, project.paused)
    return any((*done, *known))


def _project(project: ProjectPlan) -> str:
    was = f" (was {escape(project.was)})" if project.was else ""
    lines = [f"### {escape(project.name)}{was}: {project.sync}, {project.health}", ""]
    if project.paused:
        lines.append(item(project.paused))
    lines += [_withheld(action, withheld(project)) for action in project.held]
    lines += [told(problem) for problem in (*project.refusals, *project.problems)]
    for step in (*project.actions, *project.pending):
        words = line(step)
        lines.append(item(words.what, words.reason))
        lines += _details(words.details)
    lines += [item(wait, "waits") for wait in project.waits]
    lines += [item(line(action).what, f"{line(action).reason}; {LEFT}") for action in project.tolerated]
    lines += [item(note, "note") for note in project.notes]
    return "\n".join(lines)


def _withheld(action: Action, why: str) -> str:
    words = line(action)
    return item(f"{words.what}: {why}", words.reason)


def _details(details: Sequence[str]) -> list[str]:
    more = [f"  - and {len(details) - SEVERAL} more"] if len(details) > SEVERAL else []
    return [*(f"  - {escape(detail)}" for detail in details[:SEVERAL]), *more]


def _outcome(reports: Sequence[Report]) -> str:
    """What was done and what failed; empty when nothing was begun."""
    runs = [run for report in reports for run in report.runs]
    failed = [(run, run.failure) for run in runs if run.failure]
    more = [f"- and {len(failed) - FEW} more"] if len(failed) > FEW else []
    parts = [f"**Applied: {applied(runs)}.**", *(_stopped(*one) for one in failed[:FEW]), *more]
    return joined(parts) if runs else ""


def _stopped(run: ProjectReport, failure: Failure) -> str:
    became = "left to the next run" if failure.busy else "failed"
    return f"- {escape(f'{run.name}: {line(failure.step).what}')}: {became}\n" + _indented(
        told(Problem(failure.error.what, failure.error.remedy, failure.error.detail))
    )


def _indented(text: str) -> str:
    return "\n".join(f"  {row}" for row in text.splitlines())
