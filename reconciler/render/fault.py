"""An error for a person at a terminal. Imports nothing but click: every start of the program pays for it."""

import click

from reconciler.errors import ReconcilerError


def show_error(error: ReconcilerError) -> None:
    """What happened and where, then what to do."""
    click.secho(error.what, fg="red", err=True)
    if error.remedy:
        click.echo(f"  {error.remedy}", err=True)
