"""Writes the reference of the manifest and the list of decisions, and checks every Markdown file of the repository.

`PYTHONPATH=tests python -m support.docs` writes, with `--check` it changes nothing and exits with 1 when one of the two
is stale, when a link or an anchor leads nowhere, when a command would not be understood, or when nothing says any more
what the page of troubles explains.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import yaml

from support.docs.commands import misspelt_commands
from support.docs.decisions import decisions
from support.docs.links import broken_links
from support.docs.manifest_reference import reference
from support.docs.markdown import Page, put
from support.docs.quotes import forgotten_texts

ROOT = Path(__file__).resolve().parents[3]


def main(arguments: Sequence[str]) -> int:
    """Write what is written from code, or check everything; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="change nothing; say what is wrong")
    if not parser.parse_args(arguments).check:
        for page in stale(ROOT):
            page.path.write_text(page.text, encoding="utf-8")
        return 0
    faults = tuple(check(ROOT))
    sys.stdout.writelines(f"{fault}\n" for fault in faults)
    return 1 if faults else 0


def check(root: Path) -> Iterator[str]:
    """A line for each thing that is wrong with the documentation of a checkout."""
    yield from (f"{page.path.relative_to(root)}: is stale: make fmt" for page in stale(root))
    pages = tuple(Page.read(path) for path in markdown_files(root))
    yield from broken_links(root, pages)
    yield from misspelt_commands(root, pages)
    yield from forgotten_texts(root, Page.read(root / "docs" / "troubleshooting.md"), root / "reconciler")


def markdown_files(root: Path) -> Iterator[Path]:
    """The Markdown files of a checkout, those that nobody has added yet included."""
    command = ("git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", "*.md")
    listed = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout
    found = (root / name for name in sorted(filter(None, listed.split("\0"))))
    return (path for path in found if path.is_file())


def stale(root: Path) -> Iterator[Page]:
    """The pages with parts written from code, as they should be, where they are not."""
    for page in (_manifest(root), _decisions(root)):
        if page.text != page.path.read_text(encoding="utf-8"):
            yield page


def _manifest(root: Path) -> Page:
    schema = json.loads((root / "manifests" / "schema.json").read_text(encoding="utf-8"))
    example = yaml.safe_load((root / "manifests" / "example.yaml").read_text(encoding="utf-8"))
    return _with(Page.read(root / "docs" / "manifest.md"), reference(schema, example))


def _decisions(root: Path) -> Page:
    page = Page.read(root / "docs" / "adr" / "README.md")
    return _with(page, decisions(Page.read(path) for path in sorted(page.path.parent.glob("[0-9]*.md"))))


def _with(page: Page, content: str) -> Page:
    return Page(page.path, put(page.text, content))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
