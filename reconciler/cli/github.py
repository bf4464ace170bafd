"""Commands of the workflows in .github/; each can be typed by a person too."""

from pathlib import Path

import click

from reconciler.cli.program import cli


@cli.group()
def github() -> None:
    """What the workflows in .github/ need: environments, comments, issues."""


@github.command()
@click.option("--environment", "only", default="", metavar="NAME", help="Only this environment.")
def environments(only: str) -> None:
    """List the environments whose manifests name this repository, with their roles: a line for GITHUB_OUTPUT."""
    from reconciler.commands.github import environments_command

    click.echo(environments_command(only))


@github.command()
@click.argument("plan", type=click.Path(path_type=Path))
def outputs(plan: Path) -> None:
    """Tell whether PLAN, a plan file, has something to do, and of which commit: lines for GITHUB_OUTPUT."""
    from reconciler.commands.github import outputs_command

    click.echo(outputs_command(plan))


@github.command()
@click.option("--environment", required=True, metavar="NAME", help="Of which the plan is.")
@click.option("--pull-request", type=click.IntRange(1), required=True, metavar="NUMBER")
@click.argument("text", type=click.Path(path_type=Path))
def comment(environment: str, pull_request: int, text: Path) -> None:
    """Put TEXT, a plan in Markdown, into the one comment that a pull request has of it."""
    from reconciler.commands.github import comment_command

    comment_command(environment, pull_request, text)


@github.command()
@click.option("--environment", required=True, metavar="NAME", help="Of which the drift is.")
@click.option("--found", type=click.Path(path_type=Path), required=True, help="What `reconcile drift --out` wrote.")
@click.argument("text", type=click.Path(path_type=Path))
def issue(environment: str, found: Path, text: Path) -> None:
    """Open or update the issue of an environment's drift with TEXT, or close it when nothing drifts."""
    from reconciler.commands.github import issue_command

    issue_command(environment, found, text)
