"""Plans and reports for a terminal, within 80 columns; colour only where a person looks."""

from collections.abc import Sequence
from dataclasses import replace

from rich.console import Console
from rich.text import Text

from reconciler.apply import Failure, Report
from reconciler.core.actions import Action, Cause
from reconciler.core.verdict import Health, Plan, Problem, ProjectPlan, Sync
from reconciler.reconcile import Proposal
from reconciler.render.words import LEFT, Line, applied, line, summary

WHAT_WIDTH = 36
STYLES = {"+": "green", "~": "yellow", "<": "magenta", ">": "cyan", "-": "red", ".": "dim"}
SYNC_STYLES = {Sync.SYNCED: "green", Sync.OUT_OF_SYNC: "yellow", Sync.UNKNOWN: "red"}
HEALTH_STYLES = {Health.HEALTHY: "green", Health.DEGRADED: "red"}


def show_proposal(proposal: Proposal, console: Console) -> None:
    """Print a plan: what is to be done for each project and why, then one line that sums it up."""
    console.print(Text(heading(proposal), style="bold"))
    for problem in proposal.plan.problems:
        show_problem(problem, console)
    if proposal.plan.platform:
        console.print()
        console.print(Text("platform", style="bold"))
        _show_line(line(proposal.plan.platform), console)
    _show_held_platform(proposal.plan, console)
    for project in proposal.plan.projects:
        _show_project(project, console)
    for note in proposal.plan.notes:
        print_wrapped(Text(f"note: {note}", style="yellow"), console, indent=0)
    console.print()
    console.print(Text(summary(proposal.plan), style="bold"))


def _show_held_platform(plan: Plan, console: Console) -> None:
    if plan.held:
        console.print()
        console.print(Text("platform", style="bold"))
        _show_held(plan.held, "refused", console)
        for refusal in plan.refusals:
            show_problem(refusal, console)


def show_steps(name: str, steps: Sequence[Action], console: Console) -> None:
    """Print what is to be done to one part of what the environment stands on."""
    console.print(Text(name, style="bold"))
    for step in steps:
        _show_line(line(step), console)
    if not steps:
        print_wrapped(Text("No changes.", style="bold"), console, indent=2)


def heading(proposal: Proposal) -> str:
    """Which environment this is about."""
    platform = proposal.desired.platform
    return f"{platform.name}-{platform.environment} in {platform.region}, account {proposal.observed.account}"


def _show_project(project: ProjectPlan, console: Console) -> None:
    console.print()
    state = Text.assemble(
        (project.name, "bold"), _was(project), "  ", sync_text(project), "  ", health_text(project), _versions(project)
    )
    console.print(state)
    if project.paused:
        print_wrapped(Text(project.paused, style="yellow"), console, indent=2)
    for action in (*project.actions, *project.pending):
        _show_line(line(action), console)
    for wait in project.waits:
        _show_line(Line(".", wait, ""), console)
    for problem in project.problems:
        show_problem(problem, console)
    _show_withheld(project, console)
    for note in project.notes:
        print_wrapped(Text(f"note: {note}", style="yellow"), console, indent=2)


def _show_withheld(project: ProjectPlan, console: Console) -> None:
    withheld = "paused" if project.paused else "refused"
    for action in project.held:
        _show_held(action, withheld, console)
    for refusal in project.refusals:
        show_problem(refusal, console)
    for action in project.tolerated:
        left = line(action)
        _show_line(replace(left, what=f"{left.what} (left)", details=(LEFT,)), console)


def _show_held(action: Action, withheld: str, console: Console) -> None:
    held = line(action)
    _show_line(replace(held, what=f"{held.what} ({withheld})", details=()), console)


def _was(project: ProjectPlan) -> str:
    return f" (was {project.was})" if project.was else ""


def _versions(project: ProjectPlan) -> str:
    live = f"version {project.live_version} live" if project.live_version else ""
    differs = project.desired_version and project.desired_version != project.live_version
    pinned = f"version {project.desired_version} pinned" if differs else ""
    said = ", ".join(part for part in (live, pinned) if part)
    return f"  {said}" if said else ""


def sync_text(project: ProjectPlan) -> Text:
    """The sync word in its colour."""
    return Text(project.sync, style=SYNC_STYLES[project.sync])


def health_text(project: ProjectPlan) -> Text:
    """The health word in its colour."""
    return Text(project.health, style=HEALTH_STYLES.get(project.health, "yellow"))


def _show_line(words: Line, console: Console) -> None:
    what = f"{words.what:<{WHAT_WIDTH}}  " if words.reason else words.what
    style = "yellow" if words.cause is Cause.DRIFTED else "dim"
    print_wrapped(
        Text.assemble((words.symbol, STYLES[words.symbol]), f" {what}", (words.reason, style)),
        console,
        indent=2,
        hang=2,
    )
    for detail in words.details:
        print_wrapped(Text(detail, style="dim"), console, indent=6)


def show_problem(problem: Problem, console: Console) -> None:
    """Print what is wrong, and what to do about it."""
    print_wrapped(Text.assemble(("! ", "bold red"), problem.what), console, indent=2, hang=2)
    for said in problem.detail.splitlines():
        print_wrapped(Text(f"| {said}", style="dim"), console, indent=4, hang=2)
    if problem.remedy:
        print_wrapped(Text(problem.remedy, style="dim"), console, indent=4)


def print_wrapped(text: Text, console: Console, indent: int, hang: int = 0) -> None:
    """Print within the terminal's width; wrapped lines stand `hang` further in, and no line ends in blanks."""
    for number, row in enumerate(text.wrap(console, console.width - indent - hang)):
        row.rstrip()
        console.print(Text(" " * (indent + (hang if number else 0))) + row)


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
        console.print(Text(f"Applied: {applied(runs)}.", style="bold red" if failed else "bold green"))


def _show_failure(name: str, failure: Failure, console: Console) -> None:
    became, style = ("Progressing", "bold yellow") if failure.busy else ("failed", "bold red")
    console.print(Text(f"{name}: {line(failure.step).what}: {became}", style=style))
    show_problem(Problem(failure.error.what, failure.error.remedy, failure.error.detail), console)
