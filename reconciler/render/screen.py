"""Where text for a person goes: how wide it is, whether it has colours, and whether anybody watches it move."""

import sys
from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from reconciler.core.visible import visible
from reconciler.settings import Settings

NARROWEST = 40
"""Columns below which nothing is laid out any more: it is the terminal that breaks the lines then."""
LEAST = 10
"""Columns that a text has, however far it stands in."""


def screen(settings: Settings, *, stderr: bool = False) -> Console:
    """Standard output or standard error. Colours are for terminals; NO_COLOR, FORCE_COLOR and CI are respected."""
    coloured = settings.coloured
    return Console(
        stderr=stderr,
        highlight=False,
        markup=False,
        emoji=False,
        force_terminal=True if coloured else None,
        color_system=None if coloured is False else "auto",
    )


def is_watched(console: Console, settings: Settings) -> bool:
    """Whether a person sees lines move there."""
    return console.file.isatty() and not settings.ci and not settings.dumb


def tell(text: str, *, stderr: bool = True) -> None:
    """Write one line, above whatever moves on the screen: click would write it into that."""
    (sys.stderr if stderr else sys.stdout).write(f"{visible(text)}\n")


def print_wrapped(text: Text, console: Console, indent: int, hang: int = 0) -> None:
    """Print within the terminal's width; wrapped lines stand `hang` further in, and no line ends in blanks."""
    for number, row in enumerate(_rows(text, console, indent, indent + hang)):
        whole = Text(" " * (indent + (hang if number else 0))) + row
        whole.rstrip()
        console.print(whole, soft_wrap=True)


def print_pair(left: Text, right: Text, console: Console, indent: int, column: int) -> None:
    """Print two texts side by side: the second begins at `column`, or below the first where that is too long."""
    room, first = column - indent - 2, _rows(left, console, indent, indent + 2)
    if not right.plain or len(first) > 1 or first[0].cell_len > room:
        print_wrapped(left, console, indent, hang=2)
        if right.plain:
            print_wrapped(right, console, indent=indent + 4)
        return
    first[0].pad_right(room + 2 - first[0].cell_len)
    print_wrapped(first[0] + right, console, indent, hang=column - indent)


def column_for(lefts: Sequence[str], console: Console, indent: int, least: int) -> int:
    """Where the second column begins, so that the first has room for its texts and the second for its own."""
    longest = max((len(text) for text in lefts), default=0)
    return indent + 2 + min(max(least, longest), int(width_of(console) * 0.6) - indent - 2)


def width_of(console: Console) -> int:
    """Columns that there are."""
    return max(NARROWEST, console.width)


def _rows(text: Text, console: Console, first: int, others: int) -> list[Text]:
    """The lines of a text, where so many columns are taken of its first line and of the others."""
    text.plain = visible(text.plain)
    width = width_of(console)
    head = next(iter(text.wrap(console, max(LEAST, width - first))), Text())
    head.rstrip()
    tail = text[len(head) :]
    tail = tail[len(tail.plain) - len(tail.plain.lstrip(" \n")) :]
    rows = [head, *(tail.wrap(console, max(LEAST, width - others)) if tail.plain else ())]
    for row in rows:
        row.rstrip()
    return rows
