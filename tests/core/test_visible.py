"""Nobody is shown a text that reads differently than it is, wherever it is shown: a table of Unicode's own classes."""

import io
import sys
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.text import Text

from reconciler.core.github import harmless
from reconciler.core.visible import visible
from reconciler.errors import ReconcilerError
from reconciler.manifest.problem import Problem, describe
from reconciler.render import markup
from reconciler.render.fault import show_error
from reconciler.render.screen import print_pair, print_wrapped, tell
from support.examples import examples

ALL = [chr(code) for code in range(sys.maxunicode + 1)]
CONTROLS = [one for one in ALL if unicodedata.category(one) == "Cc" and one not in "\n\t"]
FORMATS = [one for one in ALL if unicodedata.category(one) == "Cf"]
DIRECTIONS = ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
BIDIRECTIONAL = [one for one in ALL if unicodedata.bidirectional(one) in DIRECTIONS]
SEPARATORS = [one for one in ALL if unicodedata.category(one) in ("Zl", "Zp")]
IGNORABLE = [
    *map(chr, (0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0, 0x2800)),
    *map(chr, (*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))),
]
"""What is drawn as nothing beside the formats: https://www.unicode.org/Public/UCD/latest/ucd/DerivedCoreProperties.txt"""
HIDDEN = {
    "control": CONTROLS,
    "format": FORMATS,
    "bidirectional": BIDIRECTIONAL,
    "separator": SEPARATORS,
    "ignorable": IGNORABLE,
}


def on_a_console(text: str) -> str:
    return _printed(lambda console: print_wrapped(Text(text), console, 2))


def in_columns(text: str) -> str:
    return _printed(lambda console: print_pair(Text("left"), Text(text), console, 2, 20))


def _printed(show: Callable[[Console], None]) -> str:
    console = Console(file=io.StringIO(), width=100_000, highlight=False, color_system=None)
    show(console)
    return console.file.getvalue()  # type: ignore[attr-defined]


def in_a_line(text: str) -> str:
    return _written(lambda: tell(text))


def as_an_error(text: str) -> str:
    return _written(lambda: show_error(ReconcilerError(text, text)))


def _written(say: Callable[[], None]) -> str:
    before, sys.stderr = sys.stderr, io.StringIO()
    try:
        say()
        return sys.stderr.getvalue()
    finally:
        sys.stderr = before


PLACES: dict[str, Callable[[str], str]] = {
    "visible": visible,
    "console": on_a_console,
    "columns": in_columns,
    "line": in_a_line,
    "error": as_an_error,
    "manifest": lambda text: describe("m.yaml", {}, [Problem((text,), text)])[0],
    "markdown": lambda text: markup.escape(text, len(text) * 10),
    "code": lambda text: markup.code(text, len(text) * 10),
    "posted": harmless,
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("kind", HIDDEN)
def test_what_nobody_sees_is_shown_as_an_escape_everywhere(place, kind):
    """What a line or a word ends with in Python may end a line or a word; it is not there afterwards either."""
    shown = PLACES[place]("".join(f"a{one}b\\" for one in HIDDEN[kind]))
    ours = "\u200b" if place in ("markdown", "posted") else ""
    assert [hex(ord(one)) for one in HIDDEN[kind] if one in shown and one not in ours] == []
    assert "a" in shown


@pytest.mark.parametrize("kind", HIDDEN)
def test_an_escape_says_which_character_it_was(kind):
    for one in HIDDEN[kind]:
        assert visible(f"a{one}b").encode("ascii").decode("unicode_escape") == f"a{one}b"


def test_a_table_of_every_class_is_not_empty():
    assert all(HIDDEN.values())
    assert {"\u202e", "\u2066", "\u200b", "\u200d", "\ufeff", "\u061c", "\U000e0041"} <= set(FORMATS)


READ = [
    "plain words",
    "two\nlines and a\ttab",
    "Zürich, “quoted” …",
    "模型 モデル 모델",
    "модель",
    "نموذج",
    "מודל",
    "🚀 ✓",
    "",
]


@pytest.mark.parametrize("text", READ)
def test_what_people_read_stays_as_it_is(text):
    assert visible(text) == text


@examples(2000)
@given(st.text())
def test_what_was_shown_once_is_shown_the_same_again(text):
    assert visible(visible(text)) == visible(text)
