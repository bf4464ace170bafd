"""The commands that stay."""

from pathlib import Path
from typing import Any

import click

from reconciler.cli.options import chosen_manifest, manifest_option
from reconciler.cli.program import cli
from reconciler.core.pace import SHORTEST


@cli.command()
@click.option("--apply", is_flag=True, help="Carry each plan out, too: for the sandbox alone.")
@click.option(
    "--interval",
    type=click.IntRange(SHORTEST),
    metavar="SECONDS",
    help="Look at no files: every so many seconds pull the branch and reconcile, for ever.",
)
@click.option("--branch", default="", help="Branch that --interval follows.  [default: the one that is checked out]")
@click.option("--remote", default="origin", show_default=True, help="Remote that --interval pulls it from.")
@click.option("--wait", is_flag=True, help="Stay in each round until trainings have ended, and deploy what they made.")
@click.option("--parallelism", type=click.IntRange(1, 32), default=2, show_default=True, help="Projects at once.")
@manifest_option
@click.pass_context
def watch(
    context: click.Context, /, manifest: Path | None, interval: int | None, branch: str, remote: str, **chosen: Any
) -> int:
    """Show the plan anew whenever the manifest or a project's folder is saved."""
    from reconciler.reconcile import Options

    path, options = chosen_manifest(context, manifest), Options(wait=chosen["wait"], parallelism=chosen["parallelism"])
    if interval is None:
        from reconciler.commands.watch import watch_command

        return watch_command(path, options, apply=chosen["apply"])
    from reconciler.commands.agent import agent_command

    return agent_command(path, interval, options, remote, branch)
