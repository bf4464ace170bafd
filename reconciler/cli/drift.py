"""Commands for what is not as it was applied, and for what nobody applied."""

from pathlib import Path
from typing import Any

import click

from reconciler.cli.options import chosen_manifest, manifest_option, project_argument, projects_option
from reconciler.cli.program import cli


@cli.command()
@projects_option
@click.option("-o", "--output", type=click.Choice(["text", "json", "markdown"]), default="text", show_default=True)
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Write what was found to a JSON file.")
@click.option("--detailed-exitcode", is_flag=True, help="Exit 2 when something drifted.")
@click.option("--parallelism", type=click.IntRange(1, 32), default=2, show_default=True, help="Stacks at once.")
@manifest_option
@click.pass_context
def drift(context: click.Context, /, projects: tuple[str, ...], manifest: Path | None, **chosen: Any) -> int:
    """Show what is not as it was applied, by a real Terraform plan of every stack. Changes nothing."""
    from reconciler.commands.drift import drift_command

    return drift_command(chosen_manifest(context, manifest), projects, chosen)


@cli.command()
@project_argument
@click.option("--version", type=click.IntRange(1), required=True, help="The model version in MLflow that it serves.")
@click.option("--model", metavar="NAME", help="The registered model.  [default: the project's]")
@click.option("--dry-run", is_flag=True, help="Print the lines and tag nothing.")
@manifest_option
@click.pass_context
def adopt(
    context: click.Context, /, name: str, version: int, model: str | None, manifest: Path | None, *, dry_run: bool
) -> int:
    """Take over an endpoint that somebody else made under our name for NAME: tag it, and print its manifest lines."""
    from reconciler.commands.adopt import adopt_command

    return adopt_command(chosen_manifest(context, manifest), name, version, model, dry_run=dry_run)
