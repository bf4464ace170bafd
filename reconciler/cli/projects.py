"""Commands for one project."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from reconciler.cli.options import apply_options, chosen_manifest, edit_options, manifest_option, project_argument
from reconciler.cli.program import cli
from reconciler.core.visible import visible


@cli.command()
@click.argument("name")
@manifest_option
@click.pass_context
def init(context: click.Context, /, name: str, manifest: Path | None) -> None:
    """Begin project NAME: a folder that trains as it is, and its lines in the manifest."""
    from reconciler.commands.init import init_command

    init_command(chosen_manifest(context, manifest), name)


@cli.command()
@project_argument
@click.option(
    "-P",
    "--parameter",
    "parameters",
    multiple=True,
    metavar="KEY=VALUE",
    help="Another parameter than the manifest says, for this training alone; may be repeated.",
)
@apply_options
@click.pass_context
def train(context: click.Context, /, name: str, manifest: Path | None, parameters: Sequence[str], **chosen: Any) -> int:
    """Train project NAME once more although nothing changed."""
    from reconciler.commands.loop import train_command

    return train_command(chosen_manifest(context, manifest), name, parameters, chosen)


@cli.command()
@project_argument
@apply_options
@click.pass_context
def retry(context: click.Context, /, name: str, manifest: Path | None, **chosen: Any) -> int:
    """Try the pinned version of project NAME again, which SageMaker refused."""
    from reconciler.commands.loop import retry_command

    return retry_command(chosen_manifest(context, manifest), name, chosen)


@cli.command()
@project_argument
@click.option("-d", "--data", type=click.File("rb"), required=True, help="The request's body, '-' for standard input.")
@click.option("--content-type", help="Of the request; text/csv for a file that ends in .csv, else application/json.")
@manifest_option
@click.pass_context
def invoke(context: click.Context, /, name: str, data: Any, content_type: str | None, manifest: Path | None) -> None:
    """Ask the live model of project NAME."""
    from reconciler.commands.loop import invoke_command

    kind = content_type or _content_type(data.name)
    answer = invoke_command(chosen_manifest(context, manifest), name, data.read(), kind)
    click.echo(visible(answer) if sys.stdout.isatty() else answer)


def _content_type(name: str) -> str:
    """What a file with this name holds, of the two that MLflow's server reads.

    https://mlflow.org/docs/latest/ml/deployment/deploy-model-locally/#inference-server-specification
    """
    return "text/csv" if Path(name).suffix.lower() == ".csv" else "application/json"


@cli.command()
@project_argument
@click.argument("word", default="")
@click.option("-o", "--output", type=click.Choice(["text", "json"]), default="text", show_default=True)
@manifest_option
@click.pass_context
def trace(context: click.Context, /, name: str, word: str, manifest: Path | None, output: str) -> None:
    """Show where the versions of project NAME came from, and what became of them.

    WORD finds one of them: a commit, a source digest, a job, a run, a version, an image's digest or the name of an
    endpoint configuration; four characters of its beginning or end will do.
    """
    from reconciler.commands.trace import trace_command

    trace_command(chosen_manifest(context, manifest), name, word, output)


@cli.command()
@project_argument
@click.option("--follow", is_flag=True, help="Stay, and show what comes: of a job until it ends.")
@click.option("--attempt", type=click.IntRange(1), metavar="N", help="Only this attempt of the job, counted from 1.")
@click.option("--endpoint", is_flag=True, help="What the endpoint's containers write, of its newest instances.")
@click.option("--build", is_flag=True, help="What the newest build of an image said on this machine.")
@manifest_option
@click.pass_context
def logs(context: click.Context, /, name: str, manifest: Path | None, **chosen: Any) -> None:
    """Show what the training, the endpoint or the image build of project NAME wrote.

    Of the trainings it is the newest that failed, unless a later one has made it good: then it is the newest of all.
    """
    if chosen["endpoint"] and chosen["build"]:
        raise click.UsageError("--endpoint and --build are two logs: ask for one of them")
    if chosen["attempt"] and (chosen["endpoint"] or chosen["build"]):
        raise click.UsageError("--attempt is one of a job: leave out --endpoint and --build")
    if chosen["follow"] and chosen["build"]:
        raise click.UsageError("a build is followed where it runs: leave out --follow, and ask again later")
    from reconciler.commands.logs import Wanted, logs_command

    logs_command(chosen_manifest(context, manifest), name, Wanted(**chosen))


@cli.command()
@project_argument
@click.argument("version", type=click.IntRange(1))
@edit_options
@click.pass_context
def deploy(context: click.Context, /, name: str, version: int, manifest: Path | None, **chosen: Any) -> int:
    """Pin VERSION of project NAME in the manifest, and reconcile it. A commit is owed then."""
    from reconciler.commands.edits import pin_command

    return pin_command(chosen_manifest(context, manifest), name, version, chosen)


@cli.command()
@project_argument
@edit_options
@click.pass_context
def undeploy(context: click.Context, /, name: str, manifest: Path | None, **chosen: Any) -> int:
    """Take the deployment of project NAME out of the manifest, and retire it. A commit is owed then."""
    from reconciler.commands.edits import unpin_command

    return unpin_command(chosen_manifest(context, manifest), name, chosen)


@cli.command()
@project_argument
@edit_options
@click.pass_context
def remove(context: click.Context, /, name: str, manifest: Path | None, **chosen: Any) -> int:
    """Take project NAME, which is not deployed, out of the manifest, and retire it. A commit is owed then."""
    from reconciler.commands.edits import remove_command

    return remove_command(chosen_manifest(context, manifest), name, chosen)
