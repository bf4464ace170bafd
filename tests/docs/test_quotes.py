"""What the page of troubles explains is what the program says."""

import pytest

from support.docs.markdown import Page
from support.docs.quotes import forgotten_texts

SOURCE = '''
"""no sandbox is anywhere"""

def refuse(name):
    what = (
        f"{name} is protected"
        " and is not retired"
    )
    raise Refused(what, "set protect: false")
'''


@pytest.fixture
def forgotten(tmp_path):
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "refusal.py").write_text(SOURCE)

    def found(heading: str) -> list[str]:
        page = Page(tmp_path / "page.md", f"# Troubles\n\n### {heading}\n")
        return list(forgotten_texts(tmp_path, page, tmp_path / "source"))

    return found


@pytest.mark.parametrize("heading", ["`… is protected and is not retired`", "`set protect: false`", "Not a quotation"])
def test_what_is_said_is_no_fault(forgotten, heading):
    assert forgotten(heading) == []


@pytest.mark.parametrize("text", ["… is protected and stays", "churn is protected and is not retired"])
def test_what_nothing_says_is_named_with_its_line(forgotten, text):
    assert forgotten(f"`{text}`") == [f"page.md:3: nothing in source says: {text}"]


def test_what_only_a_comment_on_the_code_says_is_not_said(forgotten):
    assert len(forgotten("`no sandbox is anywhere`")) == 1
