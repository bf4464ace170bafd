"""A plan as Markdown, for a pull request's comment or a job's summary: what may cost most first, and never too long."""

import re
from collections.abc import Iterable, Sequence

from reconciler.core.actions import Action, RetireDeployment, RetireTraining
from reconciler.core.verdict import Problem, ProjectPlan
from reconciler.reconcile import Proposal
from reconciler.render.words import LEFT, line, summary

LONGEST = 60_000
"""Characters of the whole: GitHub takes 65,536 for a comment, and whoever posts it may add some."""
TEXT = 300
"""Characters of one text from outside."""
SEVERAL = 10
"""Details of one action, and problems and notes of the environment, that are told."""
NAMED = 200
"""Names in one list. Refused and retired projects beyond a cut are named up to this number."""
_ROOM_FOR_NAMES = NAMED * (64 + 6) + 200


def markdown(proposal: Proposal) -> str:
    """Summary first, then one section for each project that has something to tell, refused and retired ones first."""
    telling = sorted((one for one in proposal.plan.projects if _tells(one)), key=_urgency)
    head, tail = _head(proposal), _tail(proposal)
    sections = [_project(project) for project in telling]
    whole = _joined((*head, *sections, *tail))
    if len(whole) <= LONGEST:
        return whole
    fitting = _fitting(sections, LONGEST - len(_joined((*head, *tail))) - _ROOM_FOR_NAMES)
    return _joined((*head, *sections[:fitting], _cut(telling[fitting:]), *tail))


def markdown_of(proposals: Sequence[Proposal]) -> str:
    """The plans of one run, as many as fit."""
    texts = [markdown(proposal) for proposal in proposals]
    fitting = max(1, _fitting(texts, LONGEST - 100))
    more = [f"{len(texts) - fitting} more rounds followed: see the job's log\n"] if fitting < len(texts) else []
    return "\n".join((*texts[:fitting], *more))


def shortened(parts: Sequence[str]) -> str:
    """The parts of a text, as many as fit."""
    fitting = _fitting(parts, LONGEST - 100)
    more = [f"**and {len(parts) - fitting} more: see the job's log**"] if fitting < len(parts) else []
    return _joined((*parts[:fitting], *more))


def _head(proposal: Proposal) -> list[str]:
    platform, plan = proposal.desired.platform, proposal.plan
    parts = [f"## `{platform.name}-{platform.environment}`", f"**{escape(summary(plan))}**"]
    parts += [_problem(problem) for problem in plan.problems[:SEVERAL]]
    if len(plan.problems) > SEVERAL:
        parts.append(f"- and {len(plan.problems) - SEVERAL} more problems of the environment")
    if plan.platform:
        words = line(plan.platform)
        parts.append(f"### platform\n\n{item(words.what, words.reason)}")
    if plan.held:
        parts.append("\n".join(("### platform\n", _withheld(plan.held, "refused"), *map(_problem, plan.refusals))))
    return parts


def _tail(proposal: Proposal) -> list[str]:
    parts = [item(note, "note") for note in proposal.plan.notes[:SEVERAL]]
    quiet = [project.name for project in proposal.plan.projects if not _tells(project)]
    return [*parts, f"In sync: {_names(quiet)}"] if quiet else parts


def _cut(left: Sequence[ProjectPlan]) -> str:
    count = f"**and {len(left)} more {'project' if len(left) == 1 else 'projects'}: see the job's plan file**"
    urgent = [project.name for project in left if _urgency(project)[0] < _CALM]
    return f"{count}\n\nRefused or retired among them: {_names(urgent)}" if urgent else count


def _fitting(texts: Sequence[str], room: int) -> int:
    """How many of the texts fit, from the first on."""
    for index, text in enumerate(texts):
        room -= len(text) + 2
        if room < 0:
            return index
    return len(texts)


def _joined(parts: Iterable[str]) -> str:
    return "\n\n".join(parts) + "\n"


_CALM = 2


def _urgency(project: ProjectPlan) -> tuple[int, str]:
    """Refused first, then retired, then the rest; by name."""
    retiring = any(isinstance(action, RetireDeployment | RetireTraining) for action in project.actions)
    return (0 if project.refusals else 1 if retiring else _CALM, project.name)


def _tells(project: ProjectPlan) -> bool:
    done = (project.actions, project.pending, project.waits)
    told = (project.problems, project.refusals, project.tolerated, project.notes, project.paused)
    return any((*done, *told))


def _project(project: ProjectPlan) -> str:
    was = f" (was {escape(project.was)})" if project.was else ""
    lines = [f"### {escape(project.name)}{was}: {project.sync}, {project.health}", ""]
    if project.paused:
        lines.append(item(project.paused, ""))
    for step in (*project.actions, *project.pending):
        words = line(step)
        lines.append(item(words.what, words.reason))
        lines += _details(words.details)
    lines += [item(wait, "waits") for wait in project.waits]
    lines += [_withheld(action, "paused" if project.paused else "refused") for action in project.held]
    lines += [_problem(problem) for problem in (*project.problems, *project.refusals)]
    lines += [item(line(action).what, f"{line(action).reason}; {LEFT}") for action in project.tolerated]
    lines += [item(note, "note") for note in project.notes]
    return "\n".join(lines)


def _withheld(action: Action, why: str) -> str:
    words = line(action)
    return item(f"{words.what}: {why}", words.reason)


def _details(details: Sequence[str]) -> list[str]:
    more = [f"  - and {len(details) - SEVERAL} more"] if len(details) > SEVERAL else []
    return [*(f"  - {escape(detail)}" for detail in details[:SEVERAL]), *more]


def item(what: str, why: str) -> str:
    """One item of a list, with its reason."""
    return f"- {escape(what)}" + (f" ({escape(why)})" if why else "")


def _problem(problem: Problem) -> str:
    remedy = f" {escape(problem.remedy)}" if problem.remedy else ""
    said = "".join(f"\n  > {escape(one)}  " for one in problem.detail.splitlines())
    return f"- **{escape(problem.what)}**{remedy}{said}"


def _names(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(f"`{name[:64]}`" for name in names[:NAMED]) + more


def escape(text: str) -> str:
    """Names and reasons come from outside: they must not become markup, HTML or mentions.

    A mention is made from the rendered text, so only a character in between prevents it.
    """
    flat = " ".join(text.split())
    short = flat if len(flat) <= TEXT else f"{flat[: TEXT - 3]}..."
    return re.sub(r"([\\`*_\[\]<>#|])", r"\\\1", short).replace("@", "@\u200b")
