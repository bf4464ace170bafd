"""The files of the MLflow server's image."""

import runpy
from pathlib import Path
from types import SimpleNamespace

import pytest

IMAGE = Path(__file__).resolve().parents[2] / "terraform" / "stacks" / "mlflow-server" / "image"


@pytest.fixture(scope="session")
def image() -> Path:
    return IMAGE


@pytest.fixture(scope="session")
def entrypoint() -> SimpleNamespace:
    """The entry point's functions. Not imported: that would leave bytecode in the build context."""
    return SimpleNamespace(**runpy.run_path(str(IMAGE / "entrypoint.py")))
