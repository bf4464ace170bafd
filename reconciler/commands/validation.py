"""`reconcile validate`."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import click

from reconciler.adapters.clock import SystemClock
from reconciler.adapters.git import GitSources
from reconciler.commands.explained import explained
from reconciler.core.desired import DesiredState
from reconciler.core.plan import source_notes
from reconciler.core.restraint import over
from reconciler.intake import take_in
from reconciler.settings import Settings


def validate_command(path: Path, output: str) -> None:
    """Check a manifest and the project folders; `output` is text or markdown. Raises ManifestInvalid."""
    with explained(path, "plan", output):
        intake = take_in(path, Settings.read(), offline=True)
    notes = (*_notes(intake.desired, SystemClock().now()), *_doubts(intake.desired, GitSources(intake.root)))
    count = len(intake.desired.projects)
    verdict = f"{path} is valid: {count} {'project' if count == 1 else 'projects'}"
    if output == "markdown":
        from reconciler.render.markdown_check import valid_markdown

        click.echo(valid_markdown(intake.desired.platform, verdict, notes), nl=False)
        return
    for note in notes:
        click.echo(f"note: {note}")
    click.echo(verdict)


def _notes(desired: DesiredState, now: datetime) -> Iterator[str]:
    """What a person should know of a manifest although nothing is wrong with it."""
    for project in desired.projects:
        yield from (f"{project.title}: {note}" for note in source_notes(project.source))
        if project.paused and not project.paused.holds(now):
            yield f"{project.title}: {over(project.paused)}"


def _doubts(desired: DesiredState, sources: GitSources) -> Iterator[str]:
    """What would be refused of the commit and the tree as they are now."""
    if files := sources.uncommitted(desired.requires.clean) if desired.requires.clean else ():
        yield f"uncommitted, so nothing is changed from this tree: {', '.join(files)}"
    if fault := sources.signature_fault() if desired.requires.signed else "":
        yield f"nothing is changed from HEAD: {fault}"
