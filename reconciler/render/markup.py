"""Pieces of Markdown for a comment or a job's summary: nothing from outside becomes markup, and nothing is too long."""

import re
from collections.abc import Iterable, Sequence

from reconciler.core.github import uncalled
from reconciler.core.verdict import Problem
from reconciler.core.visible import visible
from reconciler.render.logtail import end_of

LONGEST = 60_000
"""Characters of the whole: GitHub takes 65,536 for a comment, and whoever posts it may add some."""
TEXT = 300
"""Characters of one text from outside."""
NAME = 40
"""Characters of a name; a manifest's projects have 24 at most."""
SEVERAL = 10
"""Of what may be many, such as details of one action: how many are told."""
FEW = 5
"""Of what may be many and long, such as problems."""
NAMED = 200
"""Names in one list."""


def escape(text: str, most: int = TEXT) -> str:
    """Names and reasons come from outside: they must not become markup, HTML, mathematics, mentions or references."""
    short = _cut(visible(" ".join(text.split())), most)
    escaped = re.sub(r"([\\`*_\[\]<>#|~&$])", r"\\\1", short)
    return uncalled(re.sub(r"^([0-9]{0,9})([-+=.)])", r"\1\\\2", escaped))  # no list, no heading


def code(text: str, most: int = NAME) -> str:
    """A name or a path as code; what would end the code is left out."""
    return f"`{_cut(visible(' '.join(text.replace('`', '').split())), most) or ' '}`"


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 3]}..."


def item(what: str, why: str = "") -> str:
    """One item of a list, with its reason."""
    return f"- {escape(what)}" + (f" ({escape(why)})" if why else "")


def told(problem: Problem) -> str:
    """What is wrong, what to do about it, and the end of what was said elsewhere of it.

    That is a quotation, each line of it escaped, and no fence: what a comment is posted from is escaped once more where
    it is posted, which nothing in a fence survives.
    """
    remedy = f" {escape(problem.remedy)}" if problem.remedy else ""
    said = "".join(f"\n  > {escape(one)}  " for one in end_of(problem.detail, SEVERAL, TEXT))
    return f"- **{escape(problem.what)}**{remedy}{said}"


def names(listed: Sequence[str], most: int = NAMED) -> str:
    """Names in one line, as many as a reader takes."""
    more = f" and {len(listed) - most} more" if len(listed) > most else ""
    return ", ".join(listed[:most]) + more


def fitting(texts: Sequence[str], room: int) -> int:
    """How many of the texts fit, from the first on."""
    for index, text in enumerate(texts):
        room -= len(text) + 2
        if room < 0:
            return index
    return len(texts)


def joined(parts: Iterable[str]) -> str:
    """Paragraphs, with one blank line between them."""
    return "\n\n".join(parts) + "\n"


def shortened(parts: Sequence[str]) -> str:
    """The parts of a text, as many as fit."""
    count = fitting(parts, LONGEST - 100)
    more = [f"**and {len(parts) - count} more: see the job's log**"] if count < len(parts) else []
    return joined((*parts[:count], *more))
