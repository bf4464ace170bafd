"""Another user of this machine, who finds the sandbox's ports, gets nothing from it."""

import multiprocessing
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
import requests
from botocore.config import Config

from reconciler.sandbox import Sandbox, down, up
from reconciler.sandbox.keys import keys_file

pytestmark = pytest.mark.timeout(240)
NOBODY = 65534
PATHS = (
    "/",
    "/version",
    "/api/2.0/mlflow/experiments/search?max_results=1",
    "/ajax-api/2.0/mlflow/experiments/search?max_results=1",
    "/api/2.0/mlflow-artifacts/artifacts",
    "/get-artifact?path=a&run_uuid=b",
    "/static-files/index.html",
    "/metrics",
    "/health/",
    "/health/../version",
    "//health",
    "/HEALTH",
)


def submit(endpoint: str, key: str, mark: Path) -> None:
    """Make a job definition, and run a command in a job of it."""
    login = {"aws_access_key_id": key, "aws_secret_access_key": "x", "region_name": "eu-west-1"}
    batch = boto3.client("batch", endpoint_url=endpoint, config=Config(retries={"max_attempts": 1}), **login)
    batch.register_job_definition(
        jobDefinitionName="evil",
        type="container",
        containerProperties={"image": "x", "command": ["touch", str(mark)], "vcpus": 1, "memory": 512},
    )


def attack(sandbox: Sandbox, mark: Path, told: Any) -> None:
    """Everything that another user may try; `told` gets what succeeded."""
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)
    attempts: dict[str, Callable[[], Any]] = {
        "read the keys": lambda: keys_file(sandbox.home).read_text(),
        "read the record": (sandbox.home / "sandbox.json").read_text,
        "list the home": lambda: list(sandbox.home.iterdir()),
        "read the environment of the supervisor": lambda: Path(f"/proc/{sandbox.pid}/environ").read_bytes(),
        "use AWS without a key": lambda: requests.get(sandbox.aws_endpoint, timeout=9).raise_for_status(),
        "use AWS with a key of his own": lambda: submit(sandbox.aws_endpoint, "AKIAEVILEVILEVILEVIL", mark),
        "use AWS with an old key": lambda: submit(sandbox.aws_endpoint, "sandbox", mark),
        "use MLflow": lambda: requests.get(sandbox.mlflow_url, timeout=9).raise_for_status(),
    }
    told.send([name for name, attempt in attempts.items() if succeeds(attempt)])


def succeeds(attempt: Callable[[], Any]) -> bool:
    try:
        attempt()
    except Exception:
        return False
    return True


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user to try it")
def test_another_user_can_read_nothing_and_do_nothing(sandbox: Sandbox, tmp_path: Path) -> None:
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=attack, args=(sandbox, tmp_path / "mark", there))
    process.start()
    process.join(60)
    assert process.exitcode == 0
    assert here.recv() == []


@pytest.mark.parametrize("login", [None, ("sandbox", "wrong"), ("sandbox", ""), ("admin", "password"), ("", "")])
@pytest.mark.parametrize("path", PATHS)
def test_mlflow_answers_nobody_without_the_password(sandbox: Sandbox, path: str, login: Any) -> None:
    request = requests.Request("GET", sandbox.mlflow_url, auth=login).prepare()
    request.url = sandbox.mlflow_url + path  # requests would tidy the path
    answer = requests.Session().send(request, timeout=30)
    assert answer.status_code == 401, answer.text
    assert answer.headers["WWW-Authenticate"].startswith('Basic realm="')


def test_artifacts_go_through_the_same_door(sandbox: Sandbox) -> None:
    address = f"{sandbox.mlflow_url}/api/2.0/mlflow-artifacts/artifacts/1/model/weights.bin"
    assert requests.put(address, b"evil", timeout=30).status_code == 401
    assert requests.put(address, b"ours", auth=sandbox.keys.mlflow, timeout=30).ok
    assert requests.get(address, timeout=30).status_code == 401
    assert requests.get(address, auth=sandbox.keys.mlflow, timeout=30).content == b"ours"


@pytest.mark.parametrize(
    "header", ["Basic", "Basic !", "Basic c2FuZGJveA==", "Bearer x", "Digest x", "Basic " + "A" * 9000]
)
def test_a_header_that_makes_no_sense_is_refused_and_not_an_error(sandbox: Sandbox, header: str) -> None:
    answer = requests.get(f"{sandbox.mlflow_url}/version", headers={"Authorization": header}, timeout=30)
    assert answer.status_code == 401


def test_its_owner_is_let_in_and_health_is_everybodys(sandbox: Sandbox) -> None:
    assert requests.get(f"{sandbox.mlflow_url}/version", auth=sandbox.keys.mlflow, timeout=30).text[:2] == "3."
    assert requests.get(f"{sandbox.mlflow_url}/health", timeout=30).text == "OK"


def test_the_keys_are_random_and_stay_until_the_sandbox_is_wiped(home: Path, said: list[str]) -> None:
    first = up(home, said.append)
    assert stat.S_IMODE(keys_file(home).stat().st_mode) == 0o600
    assert first.keys.access_key_id not in " ".join([*said, repr(first)])
    down(home, said.append)
    assert up(home, said.append).keys == first.keys
    down(home, said.append, wipe=True)
    assert up(home, said.append).keys != first.keys
    log = (home / "sandbox.log").read_text()
    assert not [secret for secret in first.keys.secrets().values() if secret in log]
