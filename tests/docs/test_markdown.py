"""What the checks of the documentation see in a page."""

from pathlib import Path

import pytest

from support.docs.markdown import Page, put, slug


def page(text: str) -> Page:
    return Page(Path("page.md"), text)


def test_links_are_those_of_the_prose_and_not_of_code():
    found = page("See [one](a.md), `[two](b.md)`,\n![three](c.svg)\n\n```\n[four](d.md)\n```\n[five\nlines](e.md#x)\n")
    assert [(link.line, link.text) for link in found.links] == [(1, "a.md"), (2, "c.svg"), (8, "e.md#x")]


def test_a_link_may_hold_code_and_brackets():
    assert [link.text for link in page("[`a[0]`](one.md) [x [y]](two.md)").links] == ["one.md", "two.md"]


def test_where_a_target_stands_is_known_to_the_letter():
    found = page("A [link](there.md).")
    assert [found.text[start:end] for start, end in found.link_spans] == ["there.md"]


def test_headings_in_code_are_none():
    assert page("# One\n\n```sh\n# a comment\n```\n\n## Two\n").anchors == {"one", "two"}


def test_headings_that_say_the_same_are_numbered():
    assert page("# A\n## B\n## B\n## B\n").anchors == {"a", "b", "b-1", "b-2"}


def test_an_anchor_may_be_written_out():
    assert page('<a id="here"></a>\n').anchors == {"here"}


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [
        ("What it costs", "what-it-costs"),
        ("`reconcile watch --interval`", "reconcile-watch---interval"),
        ("projects.NAME.deployment: async", "projectsnamedeployment-async"),
        ("1. State bucket, and roles", "1-state-bucket-and-roles"),
        ("See [here](x.md)!", "see-here"),
    ],
)
def test_an_anchor_is_what_github_makes_of_a_heading(heading, anchor):
    assert slug(heading) == anchor


def test_a_block_knows_its_language_and_its_first_line():
    [block] = page("Text\n\n   ```sh\n   make demo\n   ```\n").blocks
    assert (block.line, block.language, block.text.strip()) == (4, "sh", "make demo")


def test_only_what_stands_between_the_markers_is_written():
    before = "Prose.\n<!-- begin -->\nold\n<!-- end -->\nMore.\n"
    assert put(before, "new") == "Prose.\n<!-- begin -->\n\nnew\n<!-- end -->\nMore.\n"
    assert put("no markers", "new") == "no markers"
