"""What mkdocs does not do by itself: files elsewhere in the repository that pages link to become pages too.

They keep their path, below `repository/`. On GitHub the same links lead to the files themselves.
"""

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page as SitePage

from support.docs.markdown import Page

ROOT = Path(__file__).resolve().parents[3]
DOCS = ROOT / "docs"
ELSEWHERE = "repository"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add every file outside `docs/` that a page links to, and what those link to."""
    waiting = list(DOCS.rglob("*.md"))
    seen = set(waiting)
    while waiting:
        for target in _targets(waiting.pop()):
            if target in seen or target.is_relative_to(DOCS):
                continue
            seen.add(target)
            files.append(_file(target, config))
            if target.suffix == ".md":
                waiting.append(target)
    return files


def on_page_markdown(markdown: str, page: SitePage, config: MkDocsConfig, files: Files) -> str:
    """Let the links of a page lead to where the site has their targets."""
    here = Path(str(page.file.abs_src_path))
    found = Page(here, markdown)
    parts, end = [], 0
    for link in found.link_spans:
        if (moved := _moved(here, markdown[slice(*link)])) is not None:
            parts += [markdown[end : link[0]], moved]
            end = link[1]
    return "".join((*parts, markdown[end:]))


def _file(path: Path, config: MkDocsConfig) -> File:
    return File.generated(config, _address(path), abs_src_path=str(path), inclusion=InclusionLevel.NOT_IN_NAV)


def _targets(path: Path) -> Iterator[Path]:
    for link in Page.read(path).links:
        target = _target(path, link.text)
        if target is not None and target.is_file():
            yield target


def _target(here: Path, link: str) -> Path | None:
    """The file that a link leads to, a folder's README for the folder; None: it leads into the same page, or away."""
    parts = urlsplit(link)
    if parts.scheme or not parts.path:
        return None
    target = (here.parent / unquote(parts.path)).resolve()
    return target / "README.md" if target.is_dir() else target


def _moved(here: Path, link: str) -> str | None:
    target = _target(here, link)
    if target is None:
        return None
    anchor = re.sub("^[^#]*", "", link)
    return posixpath.relpath(_address(target), posixpath.dirname(_address(here)) or ".") + anchor


def _address(path: Path) -> str:
    """Where the site has a file of the repository."""
    inside = path.is_relative_to(DOCS)
    return path.relative_to(DOCS).as_posix() if inside else f"{ELSEWHERE}/{path.relative_to(ROOT).as_posix()}"
