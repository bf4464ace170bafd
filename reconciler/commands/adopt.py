"""`reconcile adopt`."""

from pathlib import Path

import click

from reconciler.adoption import Adoptable, adopt, look
from reconciler.commands.loop import under_lease, wish
from reconciler.intake import take_in
from reconciler.settings import Settings
from reconciler.wiring import open_world


def adopt_command(path: Path, name: str, version: int, model: str | None, *, dry_run: bool) -> int:
    """Tag an endpoint as ours, and print what the manifest has to say."""
    settings = Settings.read()
    intake = take_in(path, settings)
    with open_world(intake, settings) as world:
        if dry_run:
            _show(look(intake.desired, world, name, version, model))
            return 0
        with under_lease(intake, world, wish(intake)) as run:
            found = look(intake.desired, run.world, name, version, model)
            adopt(found, run.world)
            run.journal.noted(intake.desired.name_of(name), "Adopt")
            run.journal.ended(0)
    _show(found)
    click.echo(f"{found.endpoint.name} is ours; write these lines into {path}, and commit it", err=True)
    return 0


def _show(found: Adoptable) -> None:
    click.echo(found.lines, nl=False)
    for note in found.notes:
        click.echo(f"note: {note}", err=True)
