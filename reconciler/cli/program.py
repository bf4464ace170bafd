"""The program itself: `reconcile` reconciles."""

from pathlib import Path
from typing import Any

import click

from reconciler.cli.options import apply_options, chosen_manifest, manifest_option, projects_option


@click.group(
    invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120}
)
@apply_options
@projects_option
@click.option(
    "--allow-retire",
    multiple=True,
    metavar="NAME",
    envvar="RECONCILE_ALLOW_RETIRE",
    help="Retire it although the limit is exceeded; or names in RECONCILE_ALLOW_RETIRE, blanks between.",
)
@click.option(
    "--despite-alarm",
    multiple=True,
    metavar="NAME",
    envvar="RECONCILE_DESPITE_ALARM",
    help="Update its endpoint although an alarm fires for which SageMaker would roll the update back, without that "
    "alarm; or names in RECONCILE_DESPITE_ALARM, blanks between.",
)
@click.option(
    "--base",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Refuse a manifest that is of another environment than this one, before anything is asked of it.",
)
@click.option(
    "--plan",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Apply exactly the plan of a file that --dry-run --out wrote, or refuse (exit 4) and say what moved since. "
    "What follows from it, such as deploying what it trains with --wait, is for another plan.",
)
@click.version_option(package_name="lean-mlops-control-centre")
@click.pass_context
def cli(
    context: click.Context,
    /,
    projects: tuple[str, ...],
    allow_retire: tuple[str, ...],
    despite_alarm: tuple[str, ...],
    **chosen: Any,
) -> int | None:
    """Make AWS and MLflow agree with a manifest: train, deploy, roll back, retire.

    Without a command, `reconcile` reconciles: it shows the plan and carries it out.
    """
    if context.invoked_subcommand is not None:
        return None
    if chosen["plan"] and (projects or allow_retire or despite_alarm):
        options = "--project, --allow-retire and --despite-alarm"
        raise click.UsageError(f"--plan holds what was chosen already: leave out {options}")
    from reconciler.commands.loop import reconcile_command

    path, allowed = chosen_manifest(context, chosen.pop("manifest")), (allow_retire, despite_alarm)
    return reconcile_command(path, projects, allowed, chosen)


@cli.command()
@click.option("-o", "--output", type=click.Choice(["text", "markdown"]), default="text", show_default=True)
@manifest_option
@click.pass_context
def validate(context: click.Context, manifest: Path | None, output: str) -> None:
    """Check the manifest and the project folders; nothing outside this machine is asked."""
    from reconciler.commands.validation import validate_command

    validate_command(chosen_manifest(context, manifest), output)


@cli.command()
@click.option("--of", type=click.Choice(["manifest", "plan"]), default="manifest", show_default=True)
def schema(of: str) -> None:
    """Print the JSON Schema of the manifest, or of a plan file."""
    import json

    if of == "plan":
        from reconciler.render.schema import json_schema
    else:
        from reconciler.manifest import json_schema

    click.echo(json.dumps(json_schema(), indent=2))


@cli.command()
@manifest_option
@click.option("-o", "--output", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_context
def status(context: click.Context, manifest: Path | None, output: str) -> int:
    """Show where the environment and every project stand, and whether HEAD was applied."""
    from reconciler.commands.status import status_command

    return status_command(chosen_manifest(context, manifest), output)
