"""`reconcile sandbox env`: a shell, and through it every tool, is let in."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from reconciler.cli import run
from reconciler.commands.sandbox import NOBODY
from reconciler.sandbox import Sandbox, SandboxError, why_none
from reconciler.sandbox.faults import Faults
from reconciler.sandbox.processes import mark_of
from reconciler.sandbox.record import publish
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
    assert told.out == NOBODY
    assert "no sandbox is running" in told.err


def test_a_shell_that_could_not_become_a_role_is_nobody_and_knows_it(tmp_path: Path) -> None:
    command = f"{sys.executable} -m reconciler sandbox env --role acme-prod-TYPO"
    env = {
        "PATH": os.environ["PATH"],
        "RECONCILE_SANDBOX_HOME": str(tmp_path),
        **KEYS.for_aws(),
        "AWS_SESSION_TOKEN": "t",
    }
    script = f'eval "$({command})" && echo went on; env'
    ended = subprocess.run(("/bin/sh", "-c", script), env=env, capture_output=True, text=True, check=True)
    left = {line.partition("=")[0] for line in ended.stdout.splitlines()}
    assert not {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "went on"} & left
    assert "no sandbox is running" in ended.stderr


@pytest.mark.usefixtures("running")
def test_a_role_that_is_not_there_leaves_nobodys_keys(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_self: Faults, role: str) -> None:
        raise SandboxError(f"there is no role {role}", "")

    monkeypatch.setattr(Faults, "play", refuse)
    assert run(["sandbox", "env", "--role", "TYPO"]) == 1
    told = capsys.readouterr()
    assert told.out == NOBODY
    assert "there is no role TYPO" in told.err


DIVERSIONS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")


@pytest.mark.usefixtures("running")
def test_no_service_of_the_shells_is_left_to_go_elsewhere(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in DIVERSIONS:
        monkeypatch.setenv(name, "https://elsewhere.example")
    monkeypatch.setenv("AWS_ENDPOINT_URL_;touch evil", "x")
    assert run(["sandbox", "env"]) == 0
    script = f"{capsys.readouterr().out}\nenv"
    before = {**dict.fromkeys(DIVERSIONS, "https://elsewhere.example"), "PATH": os.environ["PATH"]}
    told = subprocess.run(("/bin/sh", "-euc", script), env=before, capture_output=True, text=True, check=True).stdout
    assert "elsewhere" not in told
    assert "AWS_ENDPOINT_URL=http://127.0.0.1:1\n" in told
    assert "evil" not in script


COMMANDS = (
    ("sandbox", "env"),
    ("sandbox", "roles"),
    ("sandbox", "fault", "list"),
    ("sandbox", "status"),
    ("-m", "manifests/sandbox.yaml", "--dry-run"),
    ("-m", "manifests/sandbox.yaml", "status"),
    ("-m", "manifests/sandbox.yaml", "doctor"),
)


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_home_that_is_refused_is_called_so_and_not_a_sandbox_that_is_stopped(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, words: tuple[str, ...]
) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    publish(replace(RUNNING, home=home), "2026-01-01")
    home.chmod(0o755)
    monkeypatch.setenv("RECONCILE_SANDBOX_HOME", str(home))
    monkeypatch.setenv("COLUMNS", "400")
    assert run(list(words)) == 1
    told = capsys.readouterr()
    assert "may be read or changed by others (mode 755)" in told.out + told.err
    assert f"chmod 700 {home}" in told.out + told.err
    assert "no sandbox is running" not in told.out + told.err


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_sandbox_of_another_version_is_to_be_started_again(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    spawn: Callable[..., subprocess.Popen[bytes]],
    words: tuple[str, ...],
) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    home.chmod(0o700)
    (home / "sandbox.json").touch(mode=0o600)
    (home / "sandbox.json").write_text('{"id": "x", "pid": 1}')
    supervisor = spawn(mark_of(home), "supervisor", "import time; print(flush=True); time.sleep(60)")
    assert supervisor.stdout
    supervisor.stdout.readline()
    monkeypatch.setenv("RECONCILE_SANDBOX_HOME", str(home))
    monkeypatch.setenv("COLUMNS", "400")
    assert run(list(words)) == 1
    told = capsys.readouterr()
    assert "is of another version, or does not answer" in told.out + told.err
    assert "start it again: make sandbox-up" in told.out + told.err


def test_a_sandbox_that_has_not_come_up_yet_is_waited_for(
    tmp_path: Path, spawn: Callable[..., subprocess.Popen[bytes]]
) -> None:
    supervisor = spawn(mark_of(tmp_path), "supervisor", "import time; print(flush=True); time.sleep(60)")
    assert supervisor.stdout
    supervisor.stdout.readline()
    tmp_path.chmod(0o700)
    error = why_none(tmp_path)
    assert ("just being started" in error.what, error.remedy) == (True, "try again in a minute")
