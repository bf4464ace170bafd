"""Commands for what an environment stands on."""

import sys
from pathlib import Path

import click

from reconciler.cli.options import chosen_manifest, manifest_option
from reconciler.cli.program import cli


@cli.command()
@click.option("-o", "--output", type=click.Choice(["text", "json"]), default="text", show_default=True)
@manifest_option
@click.pass_context
def doctor(context: click.Context, /, manifest: Path | None, output: str) -> int:
    """Check tools, credentials and environment, and say what to do. Changes nothing."""
    from reconciler.commands.doctor import doctor_command

    return doctor_command(chosen_manifest(context, manifest), output)


@cli.command()
@click.option("--dry-run", is_flag=True, help="Show what would be done and change nothing.")
@manifest_option
@click.pass_context
def bootstrap(context: click.Context, /, manifest: Path | None, *, dry_run: bool) -> int:
    """Make the state bucket, and the roles that GitHub's workflows take."""
    from reconciler.commands.foundation import bootstrap_command

    return bootstrap_command(chosen_manifest(context, manifest), dry_run=dry_run)


@cli.group("mlflow-server")
def mlflow_server() -> None:
    """The MLflow server of the environment, with its network, database and VPN."""


@mlflow_server.command("up")
@click.option("--dry-run", is_flag=True, help="Show what would be done and change nothing.")
@manifest_option
@click.pass_context
def server_up(context: click.Context, /, manifest: Path | None, *, dry_run: bool) -> int:
    """Make it as the manifest says."""
    from reconciler.commands.foundation import server_up_command

    return server_up_command(chosen_manifest(context, manifest), dry_run=dry_run)


@mlflow_server.command("down")
@click.option("--dry-run", is_flag=True, help="Show what would be done and change nothing.")
@manifest_option
@click.pass_context
def server_down(context: click.Context, /, manifest: Path | None, *, dry_run: bool) -> int:
    """Destroy it, unless something needs it."""
    from reconciler.commands.foundation import server_down_command

    return server_down_command(chosen_manifest(context, manifest), dry_run=dry_run)


@cli.group()
def vpn() -> None:
    """Who may reach the MLflow server's network."""


@vpn.command("add")
@click.argument("name")
@manifest_option
@click.pass_context
def vpn_add(context: click.Context, /, name: str, manifest: Path | None) -> int:
    """Let NAME in: writes a profile for any OpenVPN client."""
    from reconciler.commands.vpn import add_command

    return add_command(chosen_manifest(context, manifest), name)


@vpn.command("revoke")
@click.argument("name")
@manifest_option
@click.pass_context
def vpn_revoke(context: click.Context, /, name: str, manifest: Path | None) -> int:
    """Let NAME in no more."""
    from reconciler.commands.vpn import revoke_command

    return revoke_command(chosen_manifest(context, manifest), name)


@vpn.command("list")
@click.option("-o", "--output", type=click.Choice(["text", "json"]), default="text", show_default=True)
@manifest_option
@click.pass_context
def vpn_list(context: click.Context, /, manifest: Path | None, output: str) -> int:
    """Show who was let in, and until when."""
    from reconciler.commands.vpn import list_command

    return list_command(chosen_manifest(context, manifest), output)


@cli.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
@manifest_option
@click.pass_context
def teardown(context: click.Context, /, manifest: Path | None, *, yes: bool) -> int:
    """Destroy everything that the environment has in AWS. Model versions stay where MLflow keeps them elsewhere."""
    from reconciler.commands.foundation import teardown_command

    def confirm(name: str) -> bool:
        return yes or _asked(f"Everything of {name} will be destroyed. Type its name") == name

    return teardown_command(chosen_manifest(context, manifest), confirm=confirm)


def _asked(question: str) -> str:
    """The answer; empty where nobody is there to give one."""
    try:
        return str(click.prompt(question, default="", show_default=False))
    except click.Abort:
        if sys.stdin.isatty():
            raise
        click.echo()
        return ""
