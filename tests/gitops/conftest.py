"""A GitHub of each test's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.workflows.github import GitHub


@pytest.fixture
def github(tmp_path: Path) -> Iterator[GitHub]:
    made = GitHub(tmp_path / "github")
    yield made
    made.close()
