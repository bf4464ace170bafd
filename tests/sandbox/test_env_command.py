"""`reconcile sandbox env`: a shell, and through it every tool, is let in."""

import subprocess
from pathlib import Path

import pytest

from reconciler.cli import run
from reconciler.sandbox import Sandbox
from support.access import KEYS

RUNNING = Sandbox("s", 1, "http://127.0.0.1:1", "http://127.0.0.1:2", "1", Path("/i"), Path("/h"), KEYS)


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reconciler.sandbox.find", lambda _home: RUNNING)


@pytest.mark.usefixtures("running")
def test_a_shell_that_evaluates_it_has_the_keys_and_nothing_that_contradicts_them(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["sandbox", "env"]) == 0
    script = f"{capsys.readouterr().out}\nenv"
    before = {
        "AWS_PROFILE": "prod",
        "AWS_SESSION_TOKEN": "t",
        "AWS_ACCESS_KEY_ID": "mine",
        "MLFLOW_TRACKING_TOKEN": "t",
    }
    told = subprocess.run(("/bin/sh", "-euc", script), env=before, capture_output=True, text=True, check=True).stdout
    env = dict(line.split("=", 1) for line in told.splitlines())
    assert (
        env.items()
        >= {
            "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
            "MLFLOW_TRACKING_URI": "http://127.0.0.1:2",
            "AWS_DEFAULT_REGION": "eu-west-1",
            **KEYS.for_aws(),
            **KEYS.for_mlflow(),
        }.items()
    )
    assert not {"AWS_PROFILE", "AWS_SESSION_TOKEN", "MLFLOW_TRACKING_TOKEN"} & env.keys()


@pytest.mark.usefixtures("running")
def test_the_last_door_hides_them_from_it_no_more_than_from_its_own_shell(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {**KEYS.for_aws(), **KEYS.for_mlflow()}.items():
        monkeypatch.setenv(name, value)
    assert run(["sandbox", "env"]) == 0
    assert all(secret in capsys.readouterr().out for secret in [KEYS.access_key_id])


@pytest.mark.usefixtures("running")
def test_no_other_command_tells_them(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reconciler.sandbox.status", lambda _home: ())
    assert run(["sandbox", "status"]) == 0
    told = capsys.readouterr()
    assert 'eval "$(reconcile sandbox env)"' in told.out
    assert not [secret for secret in KEYS.secrets().values() if secret in told.out + told.err]


def test_without_a_sandbox_it_says_what_to_start(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("RECONCILE_SANDBOX_HOME", str(tmp_path))
    assert run(["sandbox", "env"]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert "no sandbox is running" in told.err
