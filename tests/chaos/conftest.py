"""One lab for all trials of a process: to build it, and to live through the steps, costs seconds."""

from collections.abc import Iterator

import pytest

from support.chaos.lab import Lab


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    lab = Lab(tmp_path_factory.mktemp("chaos"))
    yield lab
    lab.close()
