"""Options that several commands share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
from click.shell_completion import CompletionItem

F = TypeVar("F", bound=Callable[..., Any])

MANIFEST = Path("manifests/prod.yaml")


def manifest_option(command: F) -> F:
    """`-m`, on the program and on every command that reads a manifest."""
    text = f"The environment's manifest.  [default: {MANIFEST}]"
    option = click.option(
        "-m", "--manifest", type=click.Path(path_type=Path), help=text, shell_complete=_known_manifests
    )
    return option(command)


def project_argument(command: F) -> F:
    """NAME of a project that the manifest has."""
    return click.argument("name", shell_complete=known_projects)(command)


def projects_option(command: F) -> F:
    """`--project`, again and again."""
    text = "Only this project; may be repeated."
    option = click.option(
        "--project", "projects", multiple=True, metavar="NAME", help=text, shell_complete=known_projects
    )
    return option(command)


def known_projects(context: click.Context, _parameter: click.Parameter, typed: str) -> list[str]:
    """Those of the chosen manifest, for a shell that completes."""
    from reconciler.commands.completion import project_names

    path = chosen_manifest(context, context.params.get("manifest"))
    return [name for name in project_names(path) if name.startswith(typed)]


def _known_manifests(_context: click.Context, _parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    from reconciler.commands.completion import manifest_paths

    known = [CompletionItem(path) for path in manifest_paths() if path.startswith(typed)]
    return known or [CompletionItem(typed, type="file")]


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
