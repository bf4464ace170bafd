"""Commands about who changes an environment."""

from pathlib import Path

import click

from reconciler.cli.options import chosen_manifest, known_projects, manifest_option
from reconciler.cli.program import cli


@cli.command()
@click.option("--id", "run", metavar="ID", help="Of the run that is dead, as it was shown.")
@manifest_option
@click.pass_context
def unlock(context: click.Context, /, run: str | None, manifest: Path | None) -> int:
    """Release the lease of a run that is dead; without --id, show who holds it."""
    from reconciler.commands.tenure import unlock_command

    return unlock_command(chosen_manifest(context, manifest), run)


@cli.command()
@click.argument("name", required=False, shell_complete=known_projects)
@click.option("-o", "--output", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="Runs shown, the newest first.")
@manifest_option
@click.pass_context
def history(context: click.Context, /, name: str | None, output: str, limit: int, manifest: Path | None) -> int:
    """Show what became of the runs that changed something, or of project NAME in them."""
    from reconciler.commands.tenure import history_command

    return history_command(chosen_manifest(context, manifest), name, output, limit)
