"""The history as lines for a terminal of 80 columns: one for each run, and under it one for each of its projects."""

from collections.abc import Sequence

from reconciler.core.history import ProjectRecord, Record

WIDTH = 80


def history_lines(records: Sequence[Record], project: str | None) -> tuple[str, ...]:
    """The records in their order; of one project alone when it is named."""
    return tuple(line for record in records for line in _run(record, project))


def _run(record: Record, project: str | None) -> tuple[str, ...]:
    when, commit = record.started[:16].replace("T", " "), record.commit[:7] or "no commit"
    code = f", exit {record.exit_code}" if record.exit_code else ""
    head = f"{when}  {commit}  {record.actor} ({record.trigger}){code}"
    shown = [one for one in record.projects if project in (None, one.project)]
    return (head, *_reason(record.error, 2), *(line for one in shown for line in _project(one)))


def _project(one: ProjectRecord) -> tuple[str, ...]:
    line = f"  {one.project:<26}{_versions(one):<14}{one.outcome.value:<13}{_duration(one.seconds):>8}"
    return (line, *_reason(one.error, 4))


def _versions(one: ProjectRecord) -> str:
    before, after = (_version(number) for number in (one.before, one.after))
    return before if before == after else f"{before} -> {after}"


def _version(number: int | None) -> str:
    return "-" if number is None else str(number)


def _duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s"
    return f"{seconds // 60:.0f} min" if seconds < 3600 else f"{seconds // 3600:.0f} h {seconds % 3600 // 60:.0f} min"


def _reason(error: str, indent: int) -> tuple[str, ...]:
    if not error:
        return ()
    first = " " * indent + error.splitlines()[0]
    return (first if len(first) <= WIDTH else f"{first[: WIDTH - 3]}...",)
