"""Where an environment stands: for a terminal within 80 columns, and as a JSON document.

The document is an allow-list: a specification, and so a secret in one, is never in it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from rich.console import Console
from rich.text import Text

from reconciler.core.observed import ObservedState
from reconciler.core.status import HEALTHY, Commits, ProjectStatus, Quarantined, Standing, Status
from reconciler.core.verdict import Problem
from reconciler.reconcile import Proposal
from reconciler.render.screen import print_wrapped, width_of
from reconciler.render.text import HEALTH_STYLES, SYNC_STYLES, heading, show_detail, show_problem
from reconciler.render.words import LEFT, line

FORMAT = 1
REST = 56
"""Columns of a row beside its name."""
NAMELESS = len("PROJECT")
NAMED = 5
"""Projects that are named where several have the same problem."""
SHORT = 12
"""Hex digits of a commit that are shown to a person."""


def show_status(proposal: Proposal, status: Status, held: str, console: Console) -> None:
    """Print the environment's two words and its commits, then one row for each project with what there is to know.

    `held`: who holds the lease; empty when nobody does.
    """
    print_wrapped(Text(heading(proposal), style="bold"), console, indent=0, hang=2)
    print_wrapped(Text.assemble("all of it: ", *_words(status.whole)), console, indent=0)
    if status.platform != HEALTHY:
        print_wrapped(Text.assemble("platform: ", *_words(status.platform)), console, indent=0)
    commits = commit_sentence(status.commits, in_effect=status.in_effect)
    for sentence in (commits, f"a reconcile is under way: {held}" if held else ""):
        if sentence:
            print_wrapped(Text(sentence), console, indent=0, hang=2)
    for problem in (*proposal.plan.problems, *proposal.plan.refusals):
        show_problem(problem, console)
    if status.projects:
        _show_projects(status.projects, console)
    for note in (*proposal.plan.notes, *status.notes):
        print_wrapped(Text(f"note: {note}", style="yellow"), console, indent=0, hang=2)


def _words(standing: Standing) -> tuple[Text, Text, Text]:
    health = Text(standing.health, style=HEALTH_STYLES.get(standing.health, "yellow"))
    return Text(standing.sync, style=SYNC_STYLES[standing.sync]), Text("  "), health


def commit_sentence(commits: Commits, *, in_effect: bool) -> str:
    """What git asks for, and what was applied of it; empty outside a repository."""
    head = f"HEAD {commits.head[:SHORT]}"
    if commits.applied is None or not commits.head:
        return f"{head} was never applied: no run has applied the whole manifest yet" if commits.head else ""
    run = commits.applied
    when = f"applied {moment(run.ended)} by {run.actor}"
    before = f"{run.commit[:SHORT]}, {when}"
    return f"{head}, {when}" if commits.current else f"{head} {_apart(commits, before, in_effect=in_effect)}"


def _apart(commits: Commits, applied: str, *, in_effect: bool) -> str:
    match commits.ahead, commits.behind:
        case int(ahead), 0 if in_effect:
            return f"asks for nothing that is not there: it is {_commits(ahead)} ahead of {applied}"
        case int(ahead), 0:
            return f"was never applied: it is {_commits(ahead)} ahead of {applied}"
        case 0, int(behind):
            return f"is {_commits(behind)} behind {applied}: git pull"
        case int(ahead), int(behind):
            return f"was never applied: it has {_commits(ahead)} of its own and lacks {_commits(behind)} of {applied}"
        case _:
            return f"was never applied: what was is {applied}, a commit that is not known here: git fetch"


def _commits(count: int) -> str:
    return "1 commit" if count == 1 else f"{count} commits"


def moment(iso: str) -> str:
    """A time in UTC as a person reads it, 16 characters."""
    return iso[:16].replace("T", " ")


def _show_projects(projects: Sequence[ProjectStatus], console: Console) -> None:
    """A row for each, with what is wrong; below all of them what is wrong with several, and the ends of logs."""
    room = max(NAMELESS, width_of(console) - REST)
    width = max(len(name) for name in ("PROJECT", *(one.plan.name for one in projects)) if len(name) <= room)
    header = f"{'PROJECT':<{width}}  SYNC       HEALTH       LIVE  PINNED  SINCE (UTC)"
    console.print()
    print_wrapped(Text(header, style="bold"), console, indent=0, hang=width + 2)
    sufferers = _sufferers(projects)
    for project in projects:
        _show_row(project, width, console)
        for problem in _problems(project):
            if len(sufferers[problem]) == 1:
                show_problem(replace(problem, detail=""), console)
        for known in _known(project):
            print_wrapped(Text(known, style="dim"), console, indent=4, hang=2)
    _show_below(sufferers, console)


def _show_below(sufferers: Mapping[Problem, Sequence[str]], console: Console) -> None:
    shared = {problem: names for problem, names in sufferers.items() if len(names) > 1}
    if shared:
        console.print()
    for problem, names in shared.items():
        show_problem(replace(problem, what=f"{_several(names)}: {problem.what}", detail=""), console)
    for problem, names in sufferers.items():
        if problem.detail:
            console.print()
            head = re.split("[:;,(]", problem.what)[0].strip()
            print_wrapped(Text(f"{_several(names)}: {head}, the end of its log:"), console, indent=0, hang=2)
            show_detail(problem, console)


def _sufferers(projects: Sequence[ProjectStatus]) -> dict[Problem, list[str]]:
    """The projects that have each problem, by name."""
    found: dict[Problem, list[str]] = {}
    for project in projects:
        for problem in _problems(project):
            found.setdefault(problem, []).append(project.plan.name)
    return found


def _several(names: Sequence[str]) -> str:
    return ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")


def _show_row(project: ProjectStatus, width: int, console: Console) -> None:
    """A name that is longer than its column has a line of its own."""
    plan, name = project.plan, project.plan.name
    if len(name) > width:
        print_wrapped(Text(name), console, indent=0, hang=2)
        name = ""
    sync, gap, health = _words(Standing(plan.sync, plan.health))
    sync.pad_right(11 - len(sync) - len(gap))
    health.pad_right(13 - len(health))
    live, pinned = (str(version or "-") for version in (plan.live_version, plan.desired_version))
    rest = Text.assemble(sync, gap, health, f"{live:<6}{pinned:<8}", moment(project.since))
    print_wrapped(Text.assemble(f"{name:<{width}}  ", rest), console, indent=0, hang=width + 2)


def _problems(project: ProjectStatus) -> tuple[Problem, ...]:
    """What is wrong now, each once, and what went wrong last while nothing newer is known of it."""
    now = tuple(dict.fromkeys((*project.plan.problems, *project.plan.refusals)))
    if project.last_error is None:
        return now
    last = project.last_error
    return (*now, Problem(f"last error, {moment(last.when)}, run {last.run}: {last.what}", last.remedy))


def _known(project: ProjectStatus) -> tuple[str, ...]:
    plan = project.plan
    standing = tuple(known for known in (f"was {plan.was}" if plan.was else "", plan.paused) if known)
    applied, live = project.applied_version, plan.live_version
    serves = f"version {live} serves" if live else "nothing serves"
    moved = (f"version {applied} was applied, {serves}",) if applied not in (None, live) else ()
    pending = tuple(pending.what for pending in plan.pending)
    todo = tuple(f"to do ({line(action).cause}): {line(action).what}" for action in plan.actions)
    held = tuple(f"held back ({line(action).cause}): {line(action).what}" for action in plan.held)
    left = tuple(f"{line(action).reason}; {LEFT}" for action in plan.tolerated)
    return (*standing, *moved, *_shunned(project), *pending, *todo, *held, *left, *plan.waits, *plan.notes)


def _shunned(project: ProjectStatus) -> tuple[str, ...]:
    """Releases in quarantine beside the pinned one, of which the problems tell; each reason once."""
    plan, told = project.plan, [problem.what for problem in project.plan.problems]
    by_reason: dict[str, list[Quarantined]] = {}
    for one in project.quarantined:
        if one.version != plan.desired_version:
            by_reason.setdefault(one.reason, []).append(one)
    return tuple(
        _group(found, "for the reason above" if any(reason in what for what in told) else reason)
        for reason, found in by_reason.items()
    )


def _group(found: Sequence[Quarantined], reason: str) -> str:
    if len(found) == 1:
        return f"release {found[0].release} is quarantined since {moment(found[0].since)}: {reason}"
    each = ", ".join(f"{one.release} (since {moment(one.since)})" for one in found)
    return f"releases {each} are quarantined: {reason}"


def status_document(proposal: Proposal, status: Status, held: str) -> dict[str, Any]:
    """Where the environment stands, ready for JSON."""
    platform = proposal.desired.platform
    return {
        "format": FORMAT,
        "platform": platform.name,
        "environment": platform.environment,
        "region": platform.region,
        "account": proposal.observed.account,
        **_standing(status.whole),
        "commits": _commits_document(status),
        "lease": held or None,
        "platform_stack": _standing(status.platform),
        "projects": [_project(project) for project in status.projects],
        "orphans": _orphans(proposal.observed),
        "problems": [_problem(problem) for problem in (*proposal.plan.problems, *proposal.plan.refusals)],
        "notes": [*proposal.plan.notes, *status.notes],
    }


def _standing(standing: Standing) -> dict[str, str]:
    return {"sync": standing.sync.value, "health": standing.health.value}


def _commits_document(status: Status) -> dict[str, Any]:
    commits, run = status.commits, status.commits.applied
    return {
        "head": commits.head or None,
        "head_applied": commits.current,
        "head_in_effect": status.in_effect,
        "applied": run and {"commit": run.commit, "when": run.ended, "actor": run.actor, "run": run.run},
        "ahead": commits.ahead,
        "behind": commits.behind,
        "said": commit_sentence(commits, in_effect=status.in_effect),
    }


def _project(project: ProjectStatus) -> dict[str, Any]:
    plan, pause = project.plan, project.pause
    return {
        "name": plan.name,
        "was": plan.was or None,
        "sync": plan.sync.value,
        "health": plan.health.value,
        "desired_version": plan.desired_version,
        "applied_version": project.applied_version,
        "live_version": plan.live_version,
        "since": project.since or None,
        "paused": pause and {"reason": pause.reason, "until": pause.until.isoformat()},
        "quarantined": [asdict(one) for one in project.quarantined],
        "last_error": project.last_error and asdict(project.last_error),
        "problems": [_problem(problem) for problem in (*plan.problems, *plan.refusals)],
        "to_do": [line(action).what for action in plan.actions],
        "held": [line(action).what for action in plan.held],
        "drift_left": [line(action).what for action in plan.tolerated],
        "pending": [pending.what for pending in plan.pending],
        "waits": list(plan.waits),
        "notes": list(plan.notes),
    }


def _orphans(observed: ObservedState) -> list[dict[str, Any]]:
    """What exists under our names and is in no Terraform state; for people, the notes say so."""
    strays = (*observed.strays, *(stray for seen in observed.projects.values() for stray in seen.strays))
    return [{"kind": one.thing.kind.value, "name": one.thing.name, "ours": one.ours} for one in strays]


def _problem(problem: Problem) -> dict[str, str]:
    return {"what": problem.what, "remedy": problem.remedy, "detail": problem.detail}
