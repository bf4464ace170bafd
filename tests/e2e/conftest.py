"""One repository and one environment for all end-to-end tests: its platform takes a minute to provision."""

import pytest

from reconciler.sandbox import Sandbox
from support.checkout import Checkout


@pytest.fixture(scope="session")
def checkout(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    return Checkout(tmp_path_factory.mktemp("checkout") / "team", sandbox)
