"""The command line. Every command imports what it needs when it runs, so that `--help` is instant."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from reconciler.errors import ReconcilerError

F = TypeVar("F", bound=Callable[..., Any])

MANIFEST = Path("manifests/prod.yaml")
INTERRUPTED = 130


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    try:
        return cli.main(list(arguments), prog_name="reconcile", standalone_mode=False) or 0
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.ClickException as error:
        error.show()
        return 1
    except (click.Abort, KeyboardInterrupt):
        click.echo("stopped", err=True)
        return INTERRUPTED
    except ReconcilerError as error:
        show_error(error)
        return error.exit_code


def show_error(error: ReconcilerError) -> None:
    """What happened and where, then what to do."""
    click.secho(error.what, fg="red", err=True)
    if error.remedy:
        click.echo(f"  {error.remedy}", err=True)


def manifest_option(command: F) -> F:
    """`-m`, on the program and on every command that reads a manifest."""
    text = f"The environment's manifest.  [default: {MANIFEST}]"
    return click.option("-m", "--manifest", type=click.Path(path_type=Path), help=text)(command)


def apply_options(command: F) -> F:
    """Options of every command that carries a plan out."""
    options = (
        click.option("--dry-run", is_flag=True, help="Show the plan and change nothing."),
        click.option("--wait", is_flag=True, help="Stay until trainings have ended, and deploy what they made."),
        click.option(
            "-o",
            "--output",
            type=click.Choice(["text", "json", "markdown"]),
            default="text",
            help="How the plan is written.",
        ),
        click.option("--detailed-exitcode", is_flag=True, help="With --dry-run: exit 2 when changes are pending."),
        click.option(
            "--parallelism", type=click.IntRange(1, 32), default=2, show_default=True, help="Projects at once."
        ),
    )
    for option in reversed(options):
        command = option(command)
    return manifest_option(command)


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@apply_options
@click.option("--project", "projects", multiple=True, metavar="NAME", help="Only this project; may be repeated.")
@click.option("--allow-retire", multiple=True, metavar="NAME", help="Retire it although the limit is exceeded.")
@click.version_option(package_name="lean-mlops-control-centre")
@click.pass_context
def cli(
    context: click.Context, /, projects: tuple[str, ...], allow_retire: tuple[str, ...], **chosen: Any
) -> int | None:
    """Make AWS and MLflow agree with a manifest: train, deploy, roll back, retire.

    Without a command, `reconcile` reconciles: it shows the plan and carries it out.
    """
    if context.invoked_subcommand is not None:
        return None
    from reconciler.commands import reconcile_command

    return reconcile_command(_manifest(context, chosen.pop("manifest")), projects, allow_retire, chosen)


def _manifest(context: click.Context, given: Path | None) -> Path:
    """The command's own -m, else the program's, else the default."""
    above = context.parent.params.get("manifest") if context.parent else None
    return given or above or MANIFEST


@cli.command()
@manifest_option
@click.pass_context
def validate(context: click.Context, manifest: Path | None) -> None:
    """Check the manifest and the project folders; nothing outside this machine is asked."""
    from reconciler.intake import take_in
    from reconciler.settings import Settings

    path = _manifest(context, manifest)
    intake = take_in(path, Settings.read(), offline=True)
    count = len(intake.desired.projects)
    click.echo(f"{path} is valid: {count} {'project' if count == 1 else 'projects'}")


@cli.command()
def schema() -> None:
    """Print the manifest's JSON Schema."""
    import json

    from reconciler.manifest import json_schema

    click.echo(json.dumps(json_schema(), indent=2))


@cli.command()
@manifest_option
@click.option("-o", "--output", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_context
def status(context: click.Context, manifest: Path | None, output: str) -> int:
    """Show sync and health of every project."""
    from reconciler.commands import status_command

    return status_command(_manifest(context, manifest), output)


@cli.command()
@click.argument("name")
@apply_options
@click.pass_context
def train(context: click.Context, /, name: str, manifest: Path | None, **chosen: Any) -> int:
    """Train project NAME once more although nothing changed."""
    from reconciler.commands import demand_command

    return demand_command(_manifest(context, manifest), name, "train", chosen)


@cli.command()
@click.argument("name")
@apply_options
@click.pass_context
def retry(context: click.Context, /, name: str, manifest: Path | None, **chosen: Any) -> int:
    """Try the pinned version of project NAME again, which SageMaker refused."""
    from reconciler.commands import demand_command

    return demand_command(_manifest(context, manifest), name, "retry", chosen)


@cli.command()
@click.argument("name")
@click.option("-d", "--data", type=click.File("rb"), required=True, help="The request's body, '-' for standard input.")
@click.option("--content-type", default="application/json", show_default=True)
@manifest_option
@click.pass_context
def invoke(context: click.Context, /, name: str, data: Any, content_type: str, manifest: Path | None) -> None:
    """Ask the live model of project NAME."""
    from reconciler.commands import invoke_command

    click.echo(invoke_command(_manifest(context, manifest), name, data.read(), content_type))


@cli.group()
def sandbox() -> None:
    """The embedded cloud: AWS, MLflow, training and serving on this machine alone."""


@sandbox.command()
def up() -> None:
    """Start it, or find it running."""
    from reconciler import sandbox_commands

    sandbox_commands.up()


@sandbox.command()
@click.option("--wipe", is_flag=True, help="Delete everything that it holds, too.")
def down(*, wipe: bool) -> None:
    """Stop it; what it holds is kept for the next `up`."""
    from reconciler import sandbox_commands

    sandbox_commands.down(wipe=wipe)


@sandbox.command("status")
def sandbox_status() -> int:
    """Show what runs, where, and how to reach it with other tools."""
    from reconciler import sandbox_commands

    return sandbox_commands.status()
