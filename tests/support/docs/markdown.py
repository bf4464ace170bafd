"""What a Markdown file offers and asks for: headings, links, blocks of code, words in code."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

FENCE = re.compile(r"^( *)(`{3,})([\w-]*)[^\n]*\n(.*?)^ *\2 *$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"(`+)(.+?)\1", re.DOTALL)
LINK = re.compile(r"\[(?:[^\[\]]|\[[^\]]*\])*\]\(([^()\s]+)(?:\s+\"[^\"]*\")?\)")
HEADING = re.compile(r"^#{1,6} +(.+?) *#*$", re.MULTILINE)
NAMED = re.compile(r"<a id=\"([^\"]+)\">")
WRITTEN = re.compile(r"<!-- begin -->\n.*?<!-- end -->", re.DOTALL)
LINKED = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")


@dataclass(frozen=True, slots=True)
class Found:
    """Something of a file, and the line that it begins at."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Block(Found):
    """A fenced block of code; `line` is that of its first line of text."""

    language: str


@dataclass(frozen=True)
class Page:
    """A Markdown file."""

    path: Path
    text: str

    @classmethod
    def read(cls, path: Path) -> "Page":
        """The file of a path."""
        return cls(path, path.read_text(encoding="utf-8"))

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """Its fenced blocks of code."""
        return tuple(
            Block(self._line(found.start(4)), found[4], found[3]) for found in FENCE.finditer(self._with_newline)
        )

    @cached_property
    def prose(self) -> str:
        """Its text with the fenced blocks blanked out; every other character stays in its place."""
        return FENCE.sub(lambda found: _blank(found[0]), self._with_newline)

    @property
    def headings(self) -> Iterator[Found]:
        """Its headings, as they are written."""
        return (Found(self._line(found.start()), found[1]) for found in HEADING.finditer(self.prose))

    @property
    def words(self) -> Iterator[Found]:
        """What stands in the prose as code."""
        return (Found(self._line(found.start()), " ".join(found[2].split())) for found in CODE.finditer(self.prose))

    @property
    def links(self) -> Iterator[Found]:
        """Targets of its links and images."""
        return (Found(self._line(start), self.text[start:end]) for start, end in self.link_spans)

    @property
    def link_spans(self) -> Iterator[tuple[int, int]]:
        """Where the targets of its links and images stand in its text."""
        plain = CODE.sub(lambda found: _blank(found[0]), self.prose)
        return (found.span(1) for found in LINK.finditer(plain))

    @cached_property
    def anchors(self) -> frozenset[str]:
        """What a link may name behind `#`: headings as GitHub names them, and anchors that are written out."""
        seen: dict[str, int] = {}
        for heading in self.headings:
            name = slug(heading.text)
            seen[name] = seen.get(name, -1) + 1
        numbered = (f"{name}-{number}" for name, last in seen.items() for number in range(1, last + 1))
        return frozenset((*seen, *numbered, *NAMED.findall(self.prose)))

    @property
    def _with_newline(self) -> str:
        return self.text if self.text.endswith("\n") else f"{self.text}\n"

    def _line(self, position: int) -> int:
        return self.text.count("\n", 0, position) + 1


def put(text: str, content: str) -> str:
    """A page with a content between its markers, where it is written from code."""
    return WRITTEN.sub(lambda _: f"<!-- begin -->\n\n{content}\n<!-- end -->", text, count=1)


def slug(heading: str) -> str:
    """The anchor that GitHub makes of a heading."""
    words = LINKED.sub(r"\1", heading).replace("`", "").strip().lower()
    return re.sub(r"[^\w\- ]", "", words).replace(" ", "-")


def _blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)
