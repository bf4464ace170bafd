"""A plan as Markdown, for a pull request's comment or a job's summary."""

import re

from reconciler.core.verdict import Problem, ProjectPlan
from reconciler.reconcile import Proposal
from reconciler.render.words import LEFT, line, summary


def markdown(proposal: Proposal) -> str:
    """Summary first, then one section for each project that has something to tell."""
    platform = proposal.desired.platform
    parts = [f"## `{platform.name}-{platform.environment}`", f"**{_escape(summary(proposal.plan))}**"]
    parts += [_problem(problem) for problem in proposal.plan.problems]
    if proposal.plan.platform:
        words = line(proposal.plan.platform)
        parts.append(f"### platform\n\n{_step(words.what, words.reason)}")
    parts += [_project(project) for project in proposal.plan.projects if _tells(project)]
    parts += [_step(note, "note") for note in proposal.plan.notes]
    quiet = [project.name for project in proposal.plan.projects if not _tells(project)]
    if quiet:
        parts.append(f"In sync: {', '.join(f'`{name}`' for name in quiet)}")
    return "\n\n".join(parts) + "\n"


def _tells(project: ProjectPlan) -> bool:
    done = (project.actions, project.pending, project.waits)
    told = (project.problems, project.refusals, project.tolerated, project.notes, project.paused)
    return any((*done, *told))


def _project(project: ProjectPlan) -> str:
    lines = [f"### {_escape(project.name)}: {project.sync}, {project.health}", ""]
    if project.paused:
        lines.append(_step(project.paused, ""))
    for step in (*project.actions, *project.pending):
        words = line(step)
        lines.append(_step(words.what, words.reason))
        lines += [f"  - {_escape(detail)}" for detail in words.details]
    lines += [_step(wait, "waits") for wait in project.waits]
    lines += [_problem(problem) for problem in (*project.problems, *project.refusals)]
    lines += [_step(line(action).what, f"{line(action).reason}; {LEFT}") for action in project.tolerated]
    lines += [_step(note, "note") for note in project.notes]
    return "\n".join(lines)


def _step(what: str, why: str) -> str:
    return f"- {_escape(what)}" + (f" ({_escape(why)})" if why else "")


def _problem(problem: Problem) -> str:
    remedy = f" {_escape(problem.remedy)}" if problem.remedy else ""
    return f"- **{_escape(problem.what)}**{remedy}"


def _escape(text: str) -> str:
    """Names and reasons come from outside: they must not become markup, HTML or mentions.

    A mention is made from the rendered text, so only a character in between prevents it.
    """
    flat = " ".join(text.split())
    return re.sub(r"([\\`*_\[\]<>#|])", r"\\\1", flat).replace("@", "@\u200b")
