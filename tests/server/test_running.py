"""The image's own programs, running: the server, its migration and its health check, on SQLite."""

import os
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from reconciler.sandbox.network import answers, free_port

pytestmark = pytest.mark.servers

HOST = "mlflow.acme-prod.internal"
SECONDS = 120
EXPERIMENTS = "/api/2.0/mlflow/experiments/search"

OLDER_DATABASE = """
import sys
import sqlalchemy
from alembic import command
from alembic.script import ScriptDirectory
from mlflow.store.db import utils
from mlflow.store.tracking.dbmodels.initial_models import Base

Base.metadata.create_all(sqlalchemy.create_engine(sys.argv[1]))
config = utils._get_alembic_config(sys.argv[1])
revisions = ScriptDirectory.from_config(config)
command.upgrade(config, revisions.get_revision(revisions.get_current_head()).down_revision)
"""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server, in the environment of its container."""

    url: str
    env: Mapping[str, str]
    process: subprocess.Popen[bytes]
    first_revision: str

    def revision(self) -> str:
        """Which MLflow the database's schema is of."""
        return _revision(self.env["MLFLOW_BACKEND_STORE_URI"])

    def status(self, path: str, host: str, origin: str = "") -> int:
        """HTTP status of a call that could change something; of a plain one for paths without an API."""
        body = b'{"max_results": 1}' if path.startswith("/api") else None
        headers = {"Host": host, "Content-Type": "application/json"} | ({"Origin": origin} if origin else {})
        try:
            with urllib.request.urlopen(urllib.request.Request(self.url + path, body, headers), timeout=30) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as refused:
            return refused.code


@pytest.fixture(scope="module")
def server(image: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("server")
    port = free_port()
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "PYTHONDONTWRITEBYTECODE": "1",
        "TRACKING_URI": f"http://{HOST}",
        "MLFLOW_BACKEND_STORE_URI": f"sqlite:///{home}/mlflow.db",
        "MLFLOW_ARTIFACTS_DESTINATION": str(home / "artifacts"),
        "MLFLOW_HOST": "127.0.0.1",
        "MLFLOW_PORT": str(port),
        "MLFLOW_WORKERS": "1",
        "MLFLOW_UVICORN_OPTS": "--timeout-keep-alive 905",
    }
    store = env["MLFLOW_BACKEND_STORE_URI"]
    subprocess.run((sys.executable, "-c", OLDER_DATABASE, store), env=env, timeout=SECONDS, check=True)
    first_revision = _revision(store)
    process = subprocess.Popen((sys.executable, str(image / "entrypoint.py")), cwd=home, env=env)
    running = Server(f"http://127.0.0.1:{port}", env, process, first_revision)
    try:
        _wait(running)
        yield running
    finally:
        process.terminate()
        process.wait(30)


def _revision(store: str) -> str:
    with closing(sqlite3.connect(store.removeprefix("sqlite:///"))) as database:
        return str(database.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def _wait(server: Server) -> None:
    deadline = time.monotonic() + SECONDS
    while not answers(server.url, "/health"):
        assert server.process.poll() is None, "the server ended while starting"
        assert time.monotonic() < deadline, "the server did not start"
        time.sleep(0.2)


def test_the_name_that_clients_use_is_answered_and_no_other(server: Server) -> None:
    assert server.status(EXPERIMENTS, HOST) == 200
    assert server.status(EXPERIMENTS, f"{HOST}:80") == 200
    assert server.status(EXPERIMENTS, "evil.example") == 403
    assert server.status(EXPERIMENTS, "10.30.0.17:5000") == 403


def test_the_load_balancer_learns_the_servers_health_by_its_address(server: Server) -> None:
    assert server.status("/health", "10.30.0.17:5000") == 200


def test_the_servers_own_pages_may_change_things_and_no_other_pages(server: Server) -> None:
    assert server.status(EXPERIMENTS, HOST, origin=f"http://{HOST}") == 200
    assert server.status(EXPERIMENTS, HOST, origin="http://evil.example") == 403


def test_a_server_with_its_database_is_well_and_one_without_is_not(server: Server, image: Path) -> None:
    assert _health(image, server.env).returncode == 0
    lost = _health(image, {**server.env, "MLFLOW_BACKEND_STORE_URI": "sqlite:////no/such/folder/mlflow.db"})
    assert lost.returncode == 1
    assert "unable to open database file" in lost.stderr


def test_a_server_that_does_not_answer_is_not_well(server: Server, image: Path) -> None:
    ended = _health(image, {**server.env, "MLFLOW_PORT": str(free_port())})
    assert ended.returncode == 1
    assert "Connection refused" in ended.stderr


def test_a_database_of_an_older_mlflow_is_brought_up_to_date(server: Server) -> None:
    assert server.revision() != server.first_revision


def _health(image: Path, env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    command = (sys.executable, str(image / "health.py"))
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)
