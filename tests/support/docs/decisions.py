"""The list of decisions, from the first line of each."""

import re
from collections.abc import Iterable

from support.docs.markdown import Page

TITLE = re.compile(r"# (\d+)\. (.+)")


def decisions(pages: Iterable[Page]) -> str:
    """A table of the decisions, each with a link."""
    return "| | decision |\n|---|---|\n" + "".join(map(_row, pages))


def _row(page: Page) -> str:
    found = TITLE.match(page.text)
    if found is None:
        raise ValueError(f"{page.path.name} does not begin with `# NUMBER. TITLE`")
    return f"| {found[1]} | [{found[2]}]({page.path.name}) |\n"
