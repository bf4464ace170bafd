"""Errors where an answer was wanted as Markdown: a comment or a summary that says nothing helps nobody."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

from reconciler.core.desired import Platform
from reconciler.errors import ReconcilerError
from reconciler.settings import Settings


@dataclass
class Known:
    """What is known by the time an error comes."""

    platform: Platform | None = None


@contextmanager
def explained(path: Path, wanted: str, output: str) -> Iterator[Known]:
    """With the output `markdown`, an error is written on standard output too, and raised on."""
    known = Known()
    try:
        yield known
    except ReconcilerError as error:
        if output == "markdown":
            from reconciler.render.markdown_check import failure_markdown

            # Markdown's own escapes would hide a secret from whoever looks for it later.
            error.retell(Settings.read().redactor)
            click.echo(failure_markdown(error, known.platform, str(path), wanted), nl=False)
        raise
