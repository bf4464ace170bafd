"""Starting and stopping the real thing: the AWS stand-in and the MLflow server."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from reconciler.sandbox import SandboxError, down, find, status, up
from reconciler.sandbox.network import answers, url
from reconciler.sandbox.processes import marked
from reconciler.sandbox.record import free_ports

pytestmark = pytest.mark.timeout(240)


def roles(home: Path) -> list[str]:
    return sorted(one.role for one in status(home))


def wait_until(condition, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert condition()


def test_the_sandbox_answers_on_the_loopback_interface_alone(sandbox):
    assert sandbox.account == "123456789012"
    assert sandbox.images == sandbox.home / "images"
    assert answers(sandbox.mlflow_url, "/health")
    assert answers(sandbox.aws_endpoint, "/_sandbox/health")
    listening = [c.laddr.ip for p in marked(sandbox.id) for c in p.net_connections() if c.status == psutil.CONN_LISTEN]
    assert len(listening) >= 2
    assert set(listening) == {"127.0.0.1"}


def test_the_record_is_what_others_were_promised(sandbox):
    record = sandbox.home / "sandbox.json"
    content = json.loads(record.read_text())
    keys = {"access_key_id", "secret_access_key", "mlflow_password"}
    assert content.keys() == {"id", "pid", "aws_endpoint", "mlflow_url", "account", "images", "started"} | keys
    assert content["pid"] == sandbox.pid
    assert record.stat().st_mode & 0o777 == 0o600


def test_status_tells_what_runs_and_what_memory_it_takes(sandbox):
    assert roles(sandbox.home) == ["mlflow", "supervisor"]
    assert all(one.memory > 50e6 for one in status(sandbox.home))
    assert find(sandbox.home) == sandbox


def test_up_on_a_running_sandbox_changes_nothing(sandbox, said):
    assert up(sandbox.home, said.append) == sandbox
    assert said == [f"the sandbox is up already: AWS at {sandbox.aws_endpoint}, MLflow at {sandbox.mlflow_url}"]


def test_nothing_of_the_users_credentials_reaches_the_sandbox(sandbox):
    for process in marked(sandbox.id):
        environ = process.environ()
        assert "AWS_PROFILE" not in environ
        assert "http://127.0.0.1:9" not in environ.values()


def test_down_ends_everything_and_a_restart_comes_back_on_the_same_ports(home, said):
    first = up(home, said.append)
    supervisor = psutil.Process(first.pid)
    assert down(home, said.append)
    wait_until(lambda: not supervisor.is_running() or supervisor.status() == psutil.STATUS_ZOMBIE)
    assert find(home) is None
    assert status(home) == ()
    assert not (home / "sandbox.json").exists()
    assert "stopping" in (home / "sandbox.log").read_text()
    second = up(home, said.append)
    assert (second.aws_endpoint, second.mlflow_url) == (first.aws_endpoint, first.mlflow_url)
    assert second.id == first.id
    assert down(home, said.append, wipe=True)
    assert not home.exists()
    assert not down(home, said.append, wipe=True)


@pytest.mark.parametrize("command", ["up", "down"])
def test_what_a_killed_supervisor_leaves_behind_is_ended_by_the_next_command(home, said, command):
    first = up(home, said.append)
    os.kill(first.pid, signal.SIGKILL)
    wait_until(lambda: find(home) is None)
    orphans = {process.pid for process in marked(first.id)} - {first.pid}
    assert orphans
    half_done = [home / "environments" / "ab.part", home / "jobs" / "ab"]
    for path in half_done:
        path.mkdir(parents=True)
    if command == "up":
        assert up(home, said.append).pid != first.pid
        assert not any(path.exists() for path in half_done)
    else:
        assert down(home, said.append)
        assert status(home) == ()
    assert not orphans & {process.pid for process in marked(first.id)}
    assert any("an earlier sandbox left behind" in line for line in said)


def test_two_at_once_start_one(home, said):
    code = "import sys, pathlib; from reconciler.sandbox import up; print(up(pathlib.Path(sys.argv[1]), str).pid)"
    argv = (sys.executable, "-c", code, str(home))
    both = [subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    pids = {process.communicate(timeout=150)[0] for process in both}
    assert len(pids) == 1
    assert roles(home) == ["mlflow", "supervisor"]


def test_a_dead_mlflow_server_is_told_and_mended_by_up(home, said):
    first = up(home, said.append)
    mlflow = next(one.pid for one in status(home) if one.role == "mlflow")
    os.killpg(mlflow, signal.SIGKILL)
    wait_until(lambda: "exit code -9" in (home / "sandbox.log").read_text())
    dead = next(one for one in status(home) if one.role == "mlflow")
    assert dead.pid is None
    assert dead.state.startswith("stopped")
    assert up(home, said.append).pid != first.pid
    assert roles(home) == ["mlflow", "supervisor"]


def test_a_port_that_was_taken_meanwhile_is_an_error_that_names_it(home, said):
    port = free_ports(home).aws
    with socket.create_server(("127.0.0.1", port)), pytest.raises(SandboxError) as failure:
        up(home, said.append)
    assert f"port {port} on 127.0.0.1" in failure.value.what
    assert status(home) == ()


def test_a_start_that_fails_shows_the_log_and_leaves_nothing_running(home, said):
    ports = free_ports(home)
    (home / "mlflow").write_text("not a folder")
    with pytest.raises(SandboxError) as failure:
        up(home, said.append)
    assert "the sandbox did not start: it ended with exit code 1" in failure.value.what
    assert str(home / "mlflow") in failure.value.what
    assert "Traceback" not in failure.value.what
    assert failure.value.remedy == f"the whole log is in {home / 'sandbox.log'}"
    assert status(home) == ()
    assert not answers(url(ports.aws), "/")


def test_a_start_that_somebody_interrupts_leaves_nothing_running(home, said):
    never_ready = "from reconciler.sandbox import control; control.find = lambda home: None"
    code = f"import sys, pathlib; {never_ready}; control.up(pathlib.Path(sys.argv[1]), str)"
    starting = subprocess.Popen((sys.executable, "-c", code, str(home)), stderr=subprocess.DEVNULL)
    wait_until(lambda: "mlflow" in roles(home), 60)
    starting.send_signal(signal.SIGINT)
    starting.wait(60)
    assert status(home) == ()
    assert find(home) is None


def test_a_supervisor_in_the_foreground_is_found_and_stops_in_order(home, said):
    process = subprocess.Popen((sys.executable, "-m", "reconciler.sandbox", str(home)), stdout=subprocess.DEVNULL)
    try:
        wait_until(lambda: find(home) is not None, 120)
        assert find(home).pid == process.pid
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.wait()
    assert status(home) == ()
    assert find(home) is None


def test_a_second_supervisor_of_a_home_refuses(sandbox):
    argv = (sys.executable, "-m", "reconciler.sandbox", str(sandbox.home))
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "another supervisor runs in" in done.stdout
    assert find(sandbox.home) == sandbox


def test_a_folder_that_is_no_sandbox_is_never_wiped(tmp_path, said):
    (tmp_path / "thesis.txt").write_text("all of it")
    with pytest.raises(SandboxError, match="is not a sandbox's folder; nothing was deleted"):
        down(tmp_path, said.append, wipe=True)
    assert (tmp_path / "thesis.txt").exists()
    assert not down(tmp_path, said.append)


def test_commands_on_one_sandbox_wait_for_each_other(home, said, monkeypatch):
    from reconciler.sandbox.locks import exclusive

    free_ports(home)
    monkeypatch.setattr("reconciler.sandbox.control.BUSY", 0.3)
    with exclusive(home / "control.lock", 1), pytest.raises(SandboxError, match="another command has worked on"):
        down(home, said.append)
    assert said == ["waiting for another command on this sandbox"]


def test_a_missing_extra_is_said_with_the_command_that_installs_it(home, said, monkeypatch):
    monkeypatch.setattr("reconciler.sandbox.control.OF_THE_EXTRA", ("psutil", "not_installed_at_all"))
    with pytest.raises(SandboxError) as failure:
        up(home, said.append)
    assert failure.value.what == "the sandbox needs packages that are not installed: not_installed_at_all"
    assert "pip install 'lean-mlops-control-centre[sandbox]'" in failure.value.remedy


def test_importing_the_sandbox_imports_nothing_heavy():
    heavy = {"moto", "mlflow", "boto3", "psutil", "packaging", "yaml", "werkzeug"}
    code = f"import sys, reconciler.sandbox; print(sorted({heavy!r} & sys.modules.keys()))"
    done = subprocess.run((sys.executable, "-c", code), capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout.strip() == "[]"
