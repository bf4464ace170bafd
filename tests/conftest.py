"""What every test may use."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.sandbox import Sandbox, down, up


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A sandbox of the test session's own: its AWS, its MLflow server, gone with everything in it afterwards."""
    home: Path = tmp_path_factory.mktemp("sandbox") / "home"
    yield up(home, print)
    down(home, print, wipe=True)
