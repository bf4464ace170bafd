"""Plans and reports for a terminal: two columns in whatever width there is; colour only where a person looks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from rich.console import Console
from rich.text import Text

from reconciler.apply import Failure, Report
from reconciler.core.actions import Action, Cause
from reconciler.core.verdict import Health, Plan, Problem, ProjectPlan, Sync
from reconciler.reconcile import Proposal
from reconciler.render.logtail import end_of
from reconciler.render.screen import column_for, print_pair, print_wrapped
from reconciler.render.words import LEFT, Line, applied, line, refused, summary, withheld

WHAT_WIDTH = 38
"""Columns of a symbol and what is done, at least: plans are read one after the other."""
NAME_WIDTH = 32
"""Columns of a name that others are aligned with."""
STYLES = {"+": "green", "~": "yellow", "<": "magenta", ">": "cyan", "-": "red", ".": "dim"}
SYNC_STYLES = {Sync.SYNCED: "green", Sync.OUT_OF_SYNC: "yellow", Sync.UNKNOWN: "red"}
HEALTH_STYLES = {Health.HEALTHY: "green", Health.DEGRADED: "red"}


@dataclass(frozen=True, slots=True)
class _Page:
    """Where a plan is printed, and how its lines are aligned."""

    console: Console
    column: int
    """Where reasons begin."""
    widths: tuple[int, int, int] = (0, 0, 0)
    """Columns of a project's name and of its two words."""


def show_proposal(proposal: Proposal, console: Console) -> None:
    """Print a plan: what is to be done for each project and why, then one line that sums it up."""
    plan = proposal.plan
    print_wrapped(Text(heading(proposal), style="bold"), console, indent=0, hang=2)
    for problem in plan.problems:
        show_problem(problem, console)
    page = _page([one for one in (plan.platform, plan.held) if one], plan.projects, console)
    _show_platform(plan, page)
    apart = True
    for project in plan.projects:
        telling = _tells(project)
        if apart or telling:
            console.print()
        _show_project(project, page)
        apart = telling
    for note in plan.notes:
        print_wrapped(Text(f"note: {note}", style="yellow"), console, indent=0, hang=2)
    console.print()
    print_wrapped(Text(summary(plan), style="bold"), console, indent=0, hang=2)


def _page(platform: Sequence[Action], projects: Sequence[ProjectPlan], console: Console) -> _Page:
    lines = [*(line(step) for step in platform), *(one for project in projects for one in _lines(project))]
    lefts = [f"{one.symbol} {one.what}" for one in lines if one.reason]
    names = (len(project.name) for project in projects if len(project.name) <= NAME_WIDTH)
    widths = (names, (len(one.sync) for one in projects), (len(one.health) for one in projects))
    longest, sync, health = (max(each, default=0) for each in widths)
    return _Page(console, column_for(lefts, console, 2, WHAT_WIDTH), (longest, sync, health))


def _tells(project: ProjectPlan) -> bool:
    return bool(_lines(project) or project.problems or project.refusals or project.notes or project.paused)


def _lines(project: ProjectPlan) -> list[Line]:
    """Everything that is done, waited for, withheld and left, in its order."""
    steps = (line(step) for step in (*project.actions, *project.pending))
    left = ((line(step), step) for step in project.tolerated)
    return [
        *steps,
        *(Line(".", wait, "") for wait in project.waits),
        *(_held(action, withheld(project)) for action in project.held),
        *(replace(words, what=f"{words.what} (left)", details=(LEFT,)) for words, _ in left),
    ]


def _held(action: Action, why: str) -> Line:
    held = line(action)
    return replace(held, what=f"{held.what} ({why})", details=())


def _show_platform(plan: Plan, page: _Page) -> None:
    lines = [line(plan.platform)] if plan.platform else []
    lines += [_held(plan.held, refused(plan.refusals))] if plan.held else []
    if lines:
        page.console.print()
        page.console.print(Text("platform", style="bold"))
        _show_lines(lines, page)
        _show_problems(plan.refusals, page)


def show_steps(name: str, steps: Sequence[Action], console: Console) -> None:
    """Print what is to be done to one part of what the environment stands on."""
    console.print(Text(name, style="bold"))
    _show_lines([line(step) for step in steps], _page(steps, (), console))
    if not steps:
        print_wrapped(Text("No changes.", style="bold"), console, indent=2)


def heading(proposal: Proposal) -> str:
    """Which environment this is about."""
    platform = proposal.desired.platform
    return f"{platform.name}-{platform.environment} in {platform.region}, account {proposal.observed.account}"


def _show_project(project: ProjectPlan, page: _Page) -> None:
    name = Text.assemble((project.name, "bold"), _was(project))
    state = Text()
    for word, width in zip((name, sync_text(project), health_text(project)), page.widths, strict=True):
        word.pad_right(max(0, width - word.cell_len))
        state += word + "  "
    print_wrapped(state + _versions(project), page.console, indent=0, hang=4)
    if project.paused:
        print_wrapped(Text(project.paused, style="yellow"), page.console, indent=2, hang=2)
    _show_lines(_lines(project), page)
    _show_problems((*project.problems, *project.refusals), page)
    for note in project.notes:
        print_wrapped(Text(f"note: {note}", style="yellow"), page.console, indent=2, hang=2)


def _was(project: ProjectPlan) -> str:
    return f" (was {project.was})" if project.was else ""


def _versions(project: ProjectPlan) -> str:
    live = f"version {project.live_version} live" if project.live_version else ""
    differs = project.desired_version and project.desired_version != project.live_version
    pinned = f"version {project.desired_version} pinned" if differs else ""
    return ", ".join(part for part in (live, pinned) if part)


def sync_text(project: ProjectPlan) -> Text:
    """The sync word in its colour."""
    return Text(project.sync, style=SYNC_STYLES[project.sync])


def health_text(project: ProjectPlan) -> Text:
    """The health word in its colour."""
    return Text(project.health, style=HEALTH_STYLES.get(project.health, "yellow"))


def _show_lines(lines: Iterable[Line], page: _Page) -> None:
    for words in lines:
        what = Text.assemble((words.symbol, STYLES[words.symbol]), f" {words.what}")
        style = "yellow" if words.cause is Cause.DRIFTED else "dim"
        print_pair(what, Text(words.reason, style=style), page.console, indent=2, column=page.column)
        for detail in words.details:
            print_wrapped(Text(detail, style="dim"), page.console, indent=6, hang=2)


def _show_problems(problems: Iterable[Problem], page: _Page) -> None:
    for problem in problems:
        show_problem(problem, page.console)


def show_problem(problem: Problem, console: Console) -> None:
    """Print what is wrong, and what to do about it."""
    print_wrapped(Text.assemble(("! ", "bold red"), problem.what), console, indent=2, hang=2)
    show_detail(problem, console)
    if problem.remedy:
        print_wrapped(Text(problem.remedy, style="dim"), console, indent=4)


def show_detail(problem: Problem, console: Console) -> None:
    """Print the end of what was said elsewhere of it, apart from our own words."""
    for said in end_of(problem.detail):
        print_wrapped(Text(f"| {said}", style="dim"), console, indent=4, hang=2)


def show_reports(reports: Sequence[Report], console: Console) -> None:
    """Print what went wrong, and one line that sums up what was done."""
    runs = [run for report in reports for run in report.runs]
    for run in runs:
        if run.failure:
            console.print()
            _show_failure(run.name, run.failure, console)
    if runs:
        failed = any(report.failures for report in reports)
        console.print()
        print_wrapped(Text(f"Applied: {applied(runs)}.", style="bold red" if failed else "bold green"), console, 0)
    for run in runs:
        if run.submitted:
            said = f"{run.name} trains in AWS; to see it to its end: reconcile logs {run.name} --follow"
            print_wrapped(Text(said, style="dim"), console, indent=0, hang=2)


def _show_failure(name: str, failure: Failure, console: Console) -> None:
    became, style = ("Progressing", "bold yellow") if failure.busy else ("failed", "bold red")
    print_wrapped(Text(f"{name}: {line(failure.step).what}: {became}", style=style), console, indent=0, hang=2)
    show_problem(Problem(failure.error.what, failure.error.remedy, failure.error.detail), console)
