"""The command that lets a shell complete the others."""

import click

from reconciler.cli.program import cli

VARIABLE = "_RECONCILE_COMPLETE"
"""How the script asks the program: click's name for it."""


@cli.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print what lets a shell complete commands, options, projects and manifests.

    \b
    bash: echo 'eval "$(reconcile completion bash)"' >> ~/.bashrc
    zsh:  echo 'eval "$(reconcile completion zsh)"' >> ~/.zshrc
    fish: reconcile completion fish > ~/.config/fish/completions/reconcile.fish
    """
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    if kind:
        click.echo(kind(cli, {}, "reconcile", VARIABLE).source())
