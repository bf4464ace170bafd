"""The command line. Every command imports what it needs when it runs, so that `--help` is instant."""

from collections.abc import Sequence

import click

from reconciler.cli import completion, drift, environment, github, projects, sandbox, sandbox_faults, tenure, watch
from reconciler.cli.door import guarded
from reconciler.cli.program import cli
from reconciler.errors import ReconcilerError
from reconciler.render.fault import show_error, show_usage
from reconciler.settings import Settings

__all__ = [
    "completion",
    "drift",
    "environment",
    "github",
    "projects",
    "run",
    "sandbox",
    "sandbox_faults",
    "tenure",
    "watch",
]

INTERRUPTED = 130


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code. No secret of the environment is printed."""
    settings = Settings.read()
    with guarded(settings.redactor.output, ascii_only=settings.ascii):
        return _run(arguments, settings)


def _run(arguments: Sequence[str], settings: Settings) -> int:
    try:
        return cli.main(list(arguments), prog_name="reconcile", standalone_mode=False) or 0
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.ClickException as error:
        # Not click's own code, 2: that says that changes are pending.
        show_usage(error, coloured=settings.coloured)
        return ReconcilerError.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("stopped", err=True)
        return INTERRUPTED
    except ReconcilerError as error:
        error.retell(settings.redactor)
        show_error(error, coloured=settings.coloured)
        return error.exit_code
