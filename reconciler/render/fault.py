"""An error for a person at a terminal. Imports nothing but click: every start of the program pays for it."""

import shutil
import sys
import textwrap

import click

from reconciler.core.visible import visible
from reconciler.errors import ReconcilerError
from reconciler.render.logtail import end_of

WIDEST = 120
"""Columns beyond which a sentence is hard to read."""


def show_error(error: ReconcilerError, *, coloured: bool | None = None) -> None:
    """What happened and where, what was said elsewhere of it, then what to do. `coloured` as in the settings."""
    _say(error.what, 0, coloured=coloured)
    for said in end_of(error.detail):
        _say(f"| {said}", 2, coloured=coloured)
    _say(error.remedy, 2, coloured=coloured)


def show_usage(error: click.ClickException, *, coloured: bool | None = None) -> None:
    """What nobody understood, then how it is said."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        error.show()
        return
    context = error.ctx if isinstance(error, click.UsageError) else None
    _say(_wrong(error), 0, coloured=coloured)
    _say(f"how it is used: {context.command_path if context else 'reconcile'} --help", 2, coloured=coloured)


def _wrong(error: click.ClickException) -> str:
    """click's sentence, in the shape of ours."""
    text = error.format_message().rstrip(".")
    return text[:1].lower() + text[1:]


def _say(text: str, indent: int, *, coloured: bool | None) -> None:
    for line in text.splitlines():
        for row in _wrapped(visible(line), indent):
            click.echo(row if indent else click.style(row, fg="red"), err=True, color=coloured)


def _wrapped(line: str, indent: int) -> list[str]:
    """On a terminal, broken between words; elsewhere whole, for whoever searches it."""
    if not sys.stderr.isatty():
        return [" " * indent + line]
    width, start = min(WIDEST, shutil.get_terminal_size().columns), " " * (len(line) - len(line.lstrip()) + indent)
    rows = textwrap.wrap(line.strip(), max(20, width), initial_indent=start, subsequent_indent=start + "  ")
    return rows or [""]
