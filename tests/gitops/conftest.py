"""A GitHub of each test's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.gitops_quick import Quick
from support.workflows.github import GitHub


@pytest.fixture
def github(tmp_path: Path) -> Iterator[GitHub]:
    made = GitHub(tmp_path / "github")
    yield made
    made.close()


@pytest.fixture(scope="session")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Quick]:
    made = Quick(tmp_path_factory.mktemp("gitops"))
    yield made
    made.close()
