"""A link that leads nowhere is found."""

import pytest

from support.docs.links import broken_links
from support.docs.markdown import Page


@pytest.fixture
def root(tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "there.md").write_text("# Here\n")
    (tmp_path / "data.json").write_text("{}")
    return tmp_path


def faults(root, text: str) -> list[str]:
    (root / "docs" / "page.md").write_text(text)
    return list(broken_links(root, [Page.read(path) for path in sorted(root.rglob("*.md"))]))


@pytest.mark.parametrize(
    "link",
    ["there.md", "there.md#here", "../data.json", "#top", "../docs/", "https://example.com/#x", "mailto:a@example.com"],
)
def test_a_link_that_leads_somewhere_is_no_fault(root, link):
    assert faults(root, f"# Top\n\n[x]({link})\n") == []


@pytest.mark.parametrize(
    ("link", "why"),
    [
        ("gone.md", "is not there"),
        ("there.md#gone", "names an anchor that is not there"),
        ("#gone", "names an anchor that is not there"),
        ("../data.json#gone", "has an anchor, and is no Markdown file"),
        ("../../elsewhere.md", "leads out of the repository"),
        ("file:///etc/passwd", "has an address that nobody can open"),
    ],
)
def test_a_link_that_leads_nowhere_is_named_with_its_line(root, link, why):
    assert faults(root, f"# Top\n\n[x]({link})\n") == [f"docs/page.md:3: {link} {why}"]
