"""Locks, ports, records and environment variables."""

import http.server
import json
import multiprocessing
import socket
import stat
import threading
import time
from pathlib import Path

import pytest

from reconciler.sandbox.child_environ import MARK, ROLE, for_child, for_supervisor
from reconciler.sandbox.errors import SandboxError
from reconciler.sandbox.locks import exclusive
from reconciler.sandbox.network import CANDIDATES, answers, free_port, is_free, listens, url
from reconciler.sandbox.record import Sandbox, free_ports, is_home, publish, published, withdraw
from support.access import KEYS

USERS = {
    "PATH": "/usr/bin",
    "HOME": "/home/somebody",
    "AWS_PROFILE": "prod",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "MLFLOW_TRACKING_URI": "https://mlflow.example.org",
    "MOTO_PORT": "1",
    "UV_INDEX_URL": "https://pypi.example.org",
    "GITHUB_TOKEN": "secret",
    "LANG": "C.UTF-8",
}


def count_alone(path: Path, counter: Path) -> None:
    for _ in range(5):
        with exclusive(path, 20):
            seen = int(counter.read_text())
            time.sleep(0.01)
            counter.write_text(str(seen + 1))


def test_a_lock_is_held_by_one_process_at_a_time(tmp_path):
    counter = tmp_path / "counter"
    counter.write_text("0")
    arguments = (tmp_path / "lock", counter)
    workers = [multiprocessing.get_context("fork").Process(target=count_alone, args=arguments) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    assert counter.read_text() == "15"


def test_a_lock_that_is_held_is_waited_for_and_said_once(tmp_path, said):
    with (
        exclusive(tmp_path / "lock", 1),
        pytest.raises(TimeoutError, match="lock is held by another process"),
        exclusive(tmp_path / "lock", 0.3, lambda: said.append("waiting")),
    ):
        pass
    assert said == ["waiting"]


def test_a_lock_whose_file_was_deleted_excludes_still(tmp_path):
    path = tmp_path / "home" / "lock"
    with exclusive(path, 1):
        path.unlink()
        with exclusive(path, 1):
            assert path.exists()


def test_a_port_is_free_until_somebody_listens():
    port = free_port()
    assert port in CANDIDATES
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", port))
        listener.listen()
        assert not is_free(port)
        assert listens(url(port))
    assert is_free(port)
    assert not listens(url(port))


@pytest.mark.parametrize(("path", "answer"), [("/", True), ("/missing", False)])
def test_only_a_200_is_an_answer_and_no_proxy_is_asked(monkeypatch, tmp_path, path, answer):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    handler = type("Quiet", (http.server.SimpleHTTPRequestHandler,), {"log_message": lambda *_: None})
    with http.server.HTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        assert answers(url(server.server_port), path) is answer


def test_nothing_that_listens_is_no_answer():
    assert not answers(url(free_port()), "/")


def test_ports_are_kept(tmp_path):
    first = free_ports(tmp_path / "home")
    assert free_ports(tmp_path / "home") == first
    assert first.aws != first.mlflow
    assert is_home(tmp_path / "home")
    assert not is_home(tmp_path)


def test_a_port_that_somebody_else_took_is_an_error_of_one_line(tmp_path):
    port = free_ports(tmp_path).mlflow
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", port))
        listener.listen()
        with pytest.raises(SandboxError) as failure:
            free_ports(tmp_path)
    assert failure.value.what == f"port {port} on 127.0.0.1, which the sandbox keeps, is taken by another program"
    assert f"lsof -i :{port}" in failure.value.remedy


@pytest.mark.parametrize("content", ["", "{}", '{"aws": "x", "mlflow": 1}', "[]", '{"aws": null, "mlflow": 1}'])
def test_a_file_of_ports_that_makes_no_sense_is_an_error(tmp_path, content):
    (tmp_path / "ports.json").write_text(content)
    with pytest.raises(SandboxError, match="does not hold the sandbox's ports"):
        free_ports(tmp_path)


def test_what_is_published_can_be_read_by_its_user_alone_until_it_is_withdrawn(tmp_path):
    sandbox = Sandbox("ab", 1, url(1), url(2), "123456789012", tmp_path / "images", tmp_path, KEYS)
    publish(sandbox, "2026-01-01T00:00:00+00:00")
    record = tmp_path / "sandbox.json"
    assert published(tmp_path) == sandbox
    assert stat.S_IMODE(record.stat().st_mode) == 0o600
    assert json.loads(record.read_text())["started"] == "2026-01-01T00:00:00+00:00"
    withdraw(tmp_path)
    withdraw(tmp_path)
    assert published(tmp_path) is None


@pytest.mark.parametrize("content", ["", "{}", "[1]", '{"id": "x"'])
def test_a_record_that_makes_no_sense_is_no_record(tmp_path, content):
    (tmp_path / "sandbox.json").write_text(content)
    assert published(tmp_path) is None


def test_the_supervisor_gets_the_users_environment_without_aws_and_mlflow():
    environ = for_supervisor(USERS, "ab")
    assert environ.keys() == {"PATH", "HOME", "UV_INDEX_URL", "GITHUB_TOKEN", "LANG", "PYTHONUNBUFFERED", MARK, ROLE}
    assert environ[MARK] == "ab"


def test_a_child_gets_nothing_of_the_users_secrets():
    environ = for_child({**USERS, MARK: "ab"}, "job", Path("/h"), (Path("/env/bin"),))
    assert environ == {
        "PATH": "/env/bin:/usr/bin",
        "HOME": "/h",
        "LANG": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        MARK: "ab",
        ROLE: "job",
    }


@pytest.mark.parametrize(
    ("theirs", "expected"), [({}, "127.0.0.1,localhost"), ({"NO_PROXY": "x"}, "x,127.0.0.1,localhost")]
)
def test_a_child_reaches_the_sandbox_past_the_users_proxy(theirs, expected):
    environ = for_child({"https_proxy": "http://proxy", MARK: "ab", **theirs}, "job", Path("/h"))
    assert environ["https_proxy"] == "http://proxy"
    assert environ["NO_PROXY"] == environ["no_proxy"] == expected
