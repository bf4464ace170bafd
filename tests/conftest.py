"""What every test may use."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.sandbox import Sandbox, down, up

HERE = Path(__file__).parent
SERVERS = (HERE / "adapters", HERE / "sandbox", HERE / "example")
"""Folders whose tests start servers and processes of their own."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test is of one kind: end to end, with servers, or pure and quick."""
    for item in items:
        started = any(item.path.is_relative_to(folder) for folder in SERVERS)
        if started and not item.get_closest_marker("e2e"):
            item.add_marker("servers")


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A sandbox of the test session's own: its AWS, its MLflow server, gone with everything in it afterwards."""
    home: Path = tmp_path_factory.mktemp("sandbox") / "home"
    yield up(home, print)
    down(home, print, wipe=True)
