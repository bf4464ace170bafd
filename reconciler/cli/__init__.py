"""The command line. Every command imports what it needs when it runs, so that `--help` is instant."""

from collections.abc import Sequence

import click

from reconciler.cli import completion, drift, environment, github, projects, sandbox, sandbox_faults, tenure, watch
from reconciler.cli.door import guarded
from reconciler.cli.program import cli
from reconciler.core.redaction import Redactor
from reconciler.errors import ReconcilerError
from reconciler.render.fault import show_error
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
    redactor = Settings.read().redactor
    with guarded(redactor.output):
        return _run(arguments, redactor)


def _run(arguments: Sequence[str], redactor: Redactor) -> int:
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
        error.retell(redactor)
        show_error(error)
        return error.exit_code
