"""What a CommonMark reader makes of texts from outside: words, and nothing live, whatever they are written with."""

import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from reconciler.core.github import harmless
from reconciler.core.verdict import Problem
from reconciler.render.markup import code, escape, item, told
from support.examples import examples

COMMON_MARK = MarkdownIt("commonmark").enable(["table", "strikethrough"])
REFERENCE = re.compile(r"@[\w-]|#\d|\bGH-\d|/(?:issues|pull|pulls|discussions|commit)/[0-9a-f]", re.IGNORECASE)
"""What GitHub looks for in the text that was rendered."""
HOSTILE = [
    "```~",
    "~~~ ~",
    "```\\",
    "@acme/security",
    "&commat;acme/security",
    "&#64;acme",
    "&#x40;acme",
    "&#0064;acme",
    "\\&commat;acme",
    "\\\\&commat;acme",
    "@\u200bacme @\u200b\u200bacme @\u2060acme",
    "@\\_acme",
    "see #12, acme/models#12 and GH-12",
    "&num;12 &#35;12",
    "\\#12 \\\\#12 #\\12",
    "gh\\-12 GH&hyphen;12 GH&#45;12",
    "https://github.com/acme/models/issues/12",
    "https://github.com/acme/models/pull\\/12 https://github.com/acme/models/discussions/1",
    "https://github.com/acme/models/commit/0123456789012345678901234567890123456789",
    "<img src=x>",
    "\\<img src=x>",
    "\\\\<img src=x>",
    "\\\\\\<img src=x>",
    "\\\\\\\\<img src=x onerror=y>",
    "&lt;img src=x&gt;",
    "`\\`<img src=x>",
    "``\\``<img src=x>",
    "<!-- reconcile plan prod -->",
    "<details><summary>x</summary>",
    "<https://evil.example>",
    "\\\\<https://evil.example>",
    "[click](https://evil.example)",
    "[click\\](https://evil.example)",
    "[click\\\\](https://evil.example)",
    "[click\\\\\\\\](https://evil.example)",
    "[click][1]\n\n[1]: https://evil.example",
    "[click\\\\][1]\n\n[1\\\\]: https://evil.example",
    "[1]\n\n[1]: https://evil.example",
    "![pixel](https://evil.example/p.png)",
    "![pixel\\\\](https://evil.example/p.png)",
    "&#91;click&#93;&#40;https://evil.example&#41;",
    "&#60;img src=x&#62;",
    "`code` and [`code`](https://evil.example)",
    "`` ` `` [a`](https://evil.example)",
    "```mermaid\nclick A href \"https://evil.example\"\n```",
    "~~~ geojson\n{}\n~~~",
    "$\\href{https://evil.example}{ok}$ $$x$$ \\\\$x$",
    "# approved",
    "> quoted",
    "- [x] done",
    "1. first",
    "===",
    "---",
    "a | b\n--|--\n1 | 2",
]  # fmt: skip


def tokens(text: str) -> Iterator[Token]:
    for block in COMMON_MARK.parse(text):
        yield block
        yield from block.children or ()


def live(text: str) -> list[str]:
    """What of a text is more than words for whoever reads it on GitHub."""
    found = [one for one in tokens(text) if one.type in ("link_open", "image", "html_inline", "html_block")]
    words = [one.content for one in tokens(text) if one.type == "text"]
    drawn = [one for one in tokens(text) if one.type == "fence" and one.info]
    return [
        *(f"{one.type} {one.attrs or one.content}" for one in found),
        *(f"{called[0]} in {each}" for each in words for called in REFERENCE.finditer(each)),
        *(f"a drawing: {one.info}" for one in drawn),
    ]


def blocks(text: str) -> set[str]:
    return {one.type for one in COMMON_MARK.parse(text)} - {"inline", "paragraph_open", "paragraph_close"}


def rendered(text: str) -> str:
    kept = (one for one in tokens(text) if one.type in ("text", "softbreak", "code_inline", "text_special"))
    return "".join(one.content for one in kept).replace("\u200b", "")


def test_the_reader_of_these_tests_sees_what_is_live():
    alive = [text for text in HOSTILE if live(text)]
    assert len(alive) > len(HOSTILE) * 0.6
    assert all(live(text) for text in ("[a](b)", "<b>", "![a](b)", "&commat;acme", "GH-1"))


@pytest.mark.parametrize("text", HOSTILE)
def test_a_reason_or_a_name_is_words_and_nothing_else(text):
    escaped = escape(text)
    assert live(escaped) == []
    assert blocks(escaped) == set()
    assert rendered(escaped) == " ".join(text.replace("\u200b", "\\u200b").replace("\u2060", "\\u2060").split())


@pytest.mark.parametrize("text", HOSTILE)
def test_a_name_in_code_stays_in_it(text):
    assert live(code(text, 200)) == []
    assert blocks(code(text, 200)) == set()
    assert {one.type for one in tokens(code(text, 200)) if not one.block} == {"code_inline"}


@pytest.mark.parametrize("text", HOSTILE)
def test_a_plan_that_somebody_else_wrote_is_posted_without_anything_that_is_live(text):
    assert live(harmless(text)) == []


@pytest.mark.parametrize("text", HOSTILE)
def test_what_we_wrote_ourselves_is_posted_as_it_was_written(text):
    ours = item(text, text) + told(Problem(text, text, text))
    assert harmless(ours) == ours


PIECES = [
    *"\\\\\\&<>[]()!`~#@:;_*$|-=+.\n 12", "\\\\", "](", "]:", "[1]", "&commat;", "&#64;", "&lt;", "<b>", "img src=x>",
    "acme", "https://evil.example", "GH-", "/issues/", "```", "~~~", "\u200b", "<!--", "-->", "commat;", "#64;",
]  # fmt: skip
ANYTHING = st.lists(st.sampled_from(PIECES), max_size=25).map("".join)


@examples(2000)
@given(ANYTHING)
def test_no_text_comes_alive_when_it_is_escaped(text):
    assert live(escape(text)) == []
    assert live(item(text, text)) == []
    assert live(harmless(item(text, text))) == []


@examples(2000)
@given(ANYTHING)
def test_no_text_comes_alive_when_it_is_posted(text):
    assert live(harmless(text)) == []
