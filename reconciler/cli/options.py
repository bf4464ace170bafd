"""Options that several commands share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

MANIFEST = Path("manifests/prod.yaml")


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
        click.option(
            "--out",
            type=click.Path(path_type=Path),
            metavar="FILE",
            help="Write the plan, or why there is none, to a JSON file.",
        ),
        click.option("--detailed-exitcode", is_flag=True, help="With --dry-run: exit 2 when changes are pending."),
        click.option(
            "--parallelism", type=click.IntRange(1, 32), default=2, show_default=True, help="Projects at once."
        ),
        click.option(
            "--lock-timeout",
            type=click.IntRange(0),
            default=0,
            metavar="SECONDS",
            help="Wait so long for another reconcile to end.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return manifest_option(command)


def edit_options(command: F) -> F:
    """Options of every command that edits the manifest for a person."""
    text = "Edit the manifest and do nothing else: to commit it first."
    return apply_options(click.option("--edit-only", is_flag=True, help=text)(command))


def chosen_manifest(context: click.Context, given: Path | None) -> Path:
    """The command's own -m, else that of the nearest command above it, else the default."""
    above = context.parent
    while given is None and above is not None:
        given, above = above.params.get("manifest"), above.parent
    return given or MANIFEST
