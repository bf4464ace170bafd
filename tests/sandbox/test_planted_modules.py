"""What lies where the sandbox's servers keep their data is data: no module of that name is executed."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from reconciler.sandbox.child_environ import for_supervisor
from reconciler.sandbox.mlflow_server import MlflowServer
from reconciler.sandbox.network import free_port
from reconciler.sandbox.runtime import LocalRuntime
from support.access import KEYS

MODULES = ("mlflow", "uvicorn", "sqlite3", "sitecustomize", "click", "reconciler", "alembic", "numpy", "json")

MODEL = "flavors: {python_function: {loader_module: missing_loader}}"


def plant(folder: Path, mark: Path) -> None:
    """Modules that anything written in Python would import."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in MODULES:
        (folder / f"{name}.py").write_text(f"open({str(mark)!r}, 'a').write({name!r})\nraise SystemExit(9)\n")


def test_mlflow_executes_nothing_that_lies_beside_its_database(tmp_path) -> None:
    home, mark = tmp_path / "sandbox home", tmp_path / "executed"
    plant(home / "mlflow", mark)
    server = MlflowServer(home, free_port(), KEYS, for_supervisor({"PATH": "/usr/bin:/bin"}, "ab"))
    try:
        server.wait_until_healthy(threading.Event())
        assert server.exit_code is None
    finally:
        server.stop(5)
    assert not mark.exists()


@pytest.mark.parametrize("module", ["uvicorn", "mlflow"])
def test_a_model_server_takes_its_own_modules_for_those_of_its_environment(
    folder, said, tmp_path, monkeypatch, module
) -> None:
    from reconciler.sandbox.environments import Environment, Environments

    own = Environment(Path(sys.executable).parent, serves_asgi=module == "uvicorn")
    monkeypatch.setattr(Environments, "provide", lambda *_: own)
    image, mark = folder({"MLmodel": MODEL}), tmp_path / "executed"
    plant(image, mark)
    runtime = LocalRuntime(tmp_path / "home", "http://a", "http://b", KEYS, for_supervisor({"PATH": "/usr/bin"}, "ab"))
    command = runtime.model_server(image, 4711, {"PYTHONSAFEPATH": ""}, said.append)
    ended = subprocess.run(
        command.argv, cwd=command.cwd, env=command.env, capture_output=True, text=True, check=False, timeout=120
    )
    assert not mark.exists(), mark.read_text()
    assert "missing_loader" in ended.stderr, "it came as far as the model, which is none"
