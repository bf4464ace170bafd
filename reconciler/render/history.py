"""The history for a terminal: one line for each run, and under it one for each of its projects."""

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from reconciler.core.history import Outcome, ProjectRecord, Record
from reconciler.render.screen import print_wrapped, width_of
from reconciler.render.words import duration

NAME = 24
"""Columns of a project's name, at least."""
REST = 43
"""Columns of a row beside it."""
REASON = 3
"""Lines of a terminal that an error is told in."""
STYLES = {Outcome.DONE: "green", Outcome.FAILED: "red"}


def show_history(records: Sequence[Record], project: str | None, console: Console) -> None:
    """Print the records in their order; of one project alone when it is named."""
    shown = [(record, [one for one in record.projects if project in (None, one.project)]) for record in records]
    room = max(NAME, width_of(console) - REST)
    names = [len(one.project) for _, projects in shown for one in projects if len(one.project) <= room]
    width = max([NAME, *names])
    for record, projects in shown:
        print_wrapped(Text(_head(record), style="bold"), console, indent=0, hang=2)
        _show_reason(record.error, console, indent=2)
        for one in projects:
            _show_project(one, width, console)


def _head(record: Record) -> str:
    when, commit = record.started[:16].replace("T", " "), record.commit[:7] or "no commit"
    code = f", exit {record.exit_code}" if record.exit_code else ""
    return f"{when}  {commit}  {record.actor} ({record.trigger}){code}"


def _show_project(one: ProjectRecord, width: int, console: Console) -> None:
    """A name that is longer than its column has a line of its own."""
    name = one.project
    if len(name) > width:
        print_wrapped(Text(name), console, indent=2, hang=2)
        name = ""
    outcome = Text(f"{one.outcome.value:<13}", style=STYLES.get(one.outcome, "yellow"))
    row = Text.assemble(f"{name:<{width}}  {_versions(one):<14}", outcome, f"{duration(one.seconds):>10}")
    print_wrapped(row, console, indent=2, hang=width + 2)
    _show_reason(one.error, console, indent=4)


def _versions(one: ProjectRecord) -> str:
    before, after = (_version(number) for number in (one.before, one.after))
    return before if before == after else f"{before} -> {after}"


def _version(number: int | None) -> str:
    return "-" if number is None else str(number)


def _show_reason(error: str, console: Console, indent: int) -> None:
    """The first line of an error, unless that alone fills the terminal."""
    if not error:
        return
    first, most = error.splitlines()[0], (width_of(console) - indent - 2) * REASON
    cut = first if len(first) <= most else f"{first[: most - 3]}..."
    print_wrapped(Text(cut, style="dim"), console, indent, hang=2)
