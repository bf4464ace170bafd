"""Texts of errors that the documentation explains: each has to be in the source, `…` where something is filled in."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from support.docs.markdown import Page

ENTRY = re.compile(r"`(.+)`")
BLANK = "…"
FILLED = re.compile(r"\{[a-z]+\}")
"""In a text that is filled in by its `format`."""


def forgotten_texts(root: Path, page: Page, sources: Path) -> Iterator[str]:
    """A line for each heading of a page that is all code, and that no text of the source holds."""
    said = tuple(texts(sources))
    for heading in page.headings:
        entry = ENTRY.fullmatch(heading.text)
        if entry and not any(entry[1] in text for text in said):
            yield f"{page.path.relative_to(root)}:{heading.line}: nothing in {sources.name} says: {entry[1]}"


def texts(folder: Path) -> Iterator[str]:
    """Every text of a folder's Python code that is no docstring, with `…` for what is filled in."""
    for path in sorted(folder.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        said = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if node in said:
                continue
            if isinstance(node, ast.JoinedStr):
                yield "".join(map(_part, node.values))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield FILLED.sub(BLANK, node.value)


def _part(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else BLANK
