"""Where links lead is worked out from git's tree as a file system would work it out."""

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.adapters.git.links import MOST, LeadsNowhere, LeadsOut, resolve

NAMES = ("a", "b", "c", "..d", "deep/a", "deep/b", "deep/er/a")
PARTS = st.sampled_from([".", "..", "a", "b", "c", "..d", "deep", "er", ""])
TARGETS = st.lists(PARTS, min_size=1, max_size=5).map("/".join).filter(bool)


@given(links=st.dictionaries(st.sampled_from(NAMES), TARGETS, min_size=1), asked=st.sampled_from(NAMES))
def test_a_way_ends_where_the_file_system_ends_it(links, asked):
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch).resolve() / "above" / "root"
        (root / "deep" / "er").mkdir(parents=True)
        for name, target in links.items():
            (root / name).symlink_to(target)
        try:
            found = resolve(asked, links)
        except LeadsOut:
            assert any(".." in target.split("/") or target.startswith("/") for target in links.values())
        except LeadsNowhere:
            with pytest.raises(OSError):  # noqa: PT011 a loop, or what stands before it is no folder
                (root / asked).stat()
        else:
            assert os.path.realpath(root / asked) == os.path.normpath(root / found)


def test_as_many_links_are_followed_as_linux_follows():
    chain = {f"l{number}": f"l{number + 1}" for number in range(MOST)}
    assert resolve("l0", chain) == f"l{MOST}"
    with pytest.raises(LeadsNowhere):
        resolve("first", {"first": "l0", **chain})
