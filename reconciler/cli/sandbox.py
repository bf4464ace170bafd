"""Commands for the embedded cloud."""

import click

from reconciler.cli.door import tell_secrets
from reconciler.cli.program import cli


@cli.group()
def sandbox() -> None:
    """The embedded cloud: AWS, MLflow, training and serving on this machine alone."""


@sandbox.command()
def up() -> None:
    """Start it, or find it running."""
    from reconciler.commands import sandbox as sandbox_commands

    sandbox_commands.up()


@sandbox.command()
@click.option("--wipe", is_flag=True, help="Delete everything that it holds, too.")
def down(*, wipe: bool) -> None:
    """Stop it; what it holds is kept for the next `up`."""
    from reconciler.commands import sandbox as sandbox_commands

    sandbox_commands.down(wipe=wipe)


@sandbox.command("status")
def sandbox_status() -> int:
    """Show what runs, where, and how to reach it with other tools."""
    from reconciler.commands import sandbox as sandbox_commands

    return sandbox_commands.status()


@sandbox.command("env")
@click.option("--role", default="", metavar="NAME", help="Be this IAM role in the sandbox's AWS, as CI is.")
def sandbox_env(*, role: str) -> None:
    """Print what other tools need to reach it, keys and passwords too: eval "$(reconcile sandbox env)"."""
    from reconciler.commands import sandbox as sandbox_commands

    try:
        lines = sandbox_commands.env(role)
    except Exception:
        click.echo(sandbox_commands.NOBODY, nl=False)
        raise
    tell_secrets(lines)


@sandbox.command("roles")
def sandbox_roles() -> None:
    """Show what IAM roles did, what they were refused, and what they may and never did."""
    from reconciler.commands import sandbox as sandbox_commands

    sandbox_commands.roles()
