"""Links that lead from one file of the repository to another: each has to be there, and its anchor too."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from support.docs.markdown import Found, Page


def broken_links(root: Path, pages: Iterable[Page]) -> Iterator[str]:
    """A line for each link that leads nowhere."""
    known = {page.path.resolve(): page for page in pages}
    for page in known.values():
        for link in page.links:
            if why := _fault(root.resolve(), page, link, known):
                yield f"{page.path.relative_to(root)}:{link.line}: {link.text} {why}"


def _fault(root: Path, page: Page, link: Found, known: dict[Path, Page]) -> str:
    parts = urlsplit(link.text)
    if parts.scheme:
        return "" if parts.scheme in ("https", "http", "mailto") else "has an address that nobody can open"
    target = (page.path.parent / unquote(parts.path)).resolve() if parts.path else page.path.resolve()
    if not target.is_relative_to(root):
        return "leads out of the repository"
    if not target.exists():
        return "is not there"
    return _anchor_fault(target, parts.fragment, known)


def _anchor_fault(target: Path, anchor: str, known: dict[Path, Page]) -> str:
    if not anchor:
        return ""
    page = known.get(target)
    if page is None:
        return "has an anchor, and is no Markdown file"
    return "" if anchor in page.anchors else "names an anchor that is not there"
