"""From images to commands."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from reconciler.sandbox import runtime as runtime_module
from reconciler.sandbox.child_environ import MARK, NAME, ROLE, for_supervisor
from reconciler.sandbox.runtime import LocalRuntime
from support.access import KEYS


@pytest.fixture
def runtime(tmp_path: Path) -> LocalRuntime:
    environ = for_supervisor({"PATH": "/usr/bin", "AWS_PROFILE": "prod", "SECRET": "x"}, "ab")
    return LocalRuntime(tmp_path / "home", "http://127.0.0.1:1", "http://127.0.0.1:2", KEYS, environ)


def test_a_job_runs_in_a_copy_of_its_image(runtime, folder, said):
    image = folder({"MLproject": "name: ranker", "sub/train.py": "1"})
    command = runtime.job(image, ["mlflow", "run", "."], {}, said.append)
    (command.cwd / "sub" / "train.py").write_text("2")
    assert command.argv == ("mlflow", "run", ".")
    assert (image / "sub" / "train.py").read_text() == "1"
    assert command.env[NAME] == "ranker"
    assert command.env[ROLE] == "job"
    assert not said


def test_a_job_finds_the_sandbox_and_nothing_of_the_users(runtime, folder, said):
    asked = {
        "A": "b",
        "PATH": "/container/bin",
        "AWS_ENDPOINT_URL": "https://aws",
        "AWS_REGION": "eu-west-1",
        MARK: "x",
    }
    env = runtime.job(folder({}), ["x"], asked, said.append).env
    own, *others = env["PATH"].split(":")
    assert (Path(own).parent.parent, others) == (runtime.home / "environments", ["/usr/bin"])
    expected = {
        "A": "b",
        "HOME": str(runtime.home / "user"),
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "AWS_REGION": "eu-west-1",
        "MLFLOW_TRACKING_URI": "http://127.0.0.1:2",
        MARK: "ab",
    }
    assert expected.items() <= env.items()
    assert not {"AWS_PROFILE", "SECRET"} & env.keys()
    assert Path(env["HOME"]).is_dir()


def test_what_the_job_definition_says_of_mlflow_wins(runtime, folder, said):
    env = runtime.job(folder({}), ["x"], {"MLFLOW_TRACKING_URI": "http://127.0.0.1:3"}, said.append).env
    assert env["MLFLOW_TRACKING_URI"] == "http://127.0.0.1:3"
    assert KEYS.mlflow_password not in env.values(), "another server is not told our password"


def test_what_runs_is_let_into_mlflow_whatever_the_job_definition_says_and_never_has_the_owners_key(
    runtime, folder, said
):
    asked = {"MLFLOW_TRACKING_PASSWORD": "x", "MLFLOW_TRACKING_URI": "http://127.0.0.1:2"}
    job = runtime.job(folder({}), ["x"], asked, said.append).env
    server = runtime.model_server(folder({"MLmodel": "flavors: {}"}, "model"), 4711, {}, said.append).env
    for env in (job, server):
        assert KEYS.for_mlflow().items() <= env.items()
        assert not set(KEYS.aws) & set(env.values())


def test_copies_that_no_job_works_in_are_removed(runtime, folder, said, spawn, monkeypatch):
    used, fresh, old = (runtime.job(folder({}), ["x"], {}, said.append).cwd for _ in range(3))
    process = spawn("ab", code=f"import os, time; os.chdir({str(used)!r}); print(flush=True); time.sleep(60)")
    process.stdout.readline()
    monkeypatch.setattr("reconciler.sandbox.runtime.SET_UP", -1.0)
    runtime.job(folder({}), ["x"], {}, said.append)
    assert used.exists()
    assert not old.exists()
    assert not fresh.exists()


def test_a_copy_whose_job_is_just_being_started_is_kept(runtime, folder, said):
    first = runtime.job(folder({}), ["x"], {}, said.append).cwd
    runtime.job(folder({}), ["x"], {}, said.append)
    assert first.exists()


def test_a_model_is_served_by_uvicorn_on_the_loopback_interface(runtime, folder, said):
    image = folder({"MLmodel": "flavors: {}"})
    command = runtime.model_server(image, 4711, {"X": "y"}, said.append)
    assert command.argv[1:] == (
        *("-m", "uvicorn", "--host", "127.0.0.1", "--port", "4711", "--app-dir", str(Path(command.argv[0]).parent)),
        "mlflow.pyfunc.scoring_server.app:app",
    )
    assert command.env["__pyfunc_model_path__"] == str(image)
    assert command.env["X"] == "y"
    assert command.env[ROLE] == "model server"


def test_an_image_without_a_model_cannot_be_served(runtime, folder, said):
    with pytest.raises(RuntimeError, match="the image holds no MLflow model"):
        runtime.model_server(folder({"x": ""}), 1, {}, said.append)


def test_an_image_that_cannot_be_copied_is_an_error_of_one_line(runtime, folder, said):
    image = folder({"x": ""})
    runtime.home.mkdir()
    (runtime.home / "jobs").write_text("not a folder")
    with pytest.raises(RuntimeError, match="the image cannot be copied: "):
        runtime.job(image, ["x"], {}, said.append)


def test_an_old_mlflow_serves_by_its_own_command(runtime, folder, said, monkeypatch):
    from reconciler.sandbox.environments import Environment, Environments

    monkeypatch.setattr(Environments, "provide", lambda *_: Environment(Path("/env/bin"), serves_asgi=False))
    image = folder({"MLmodel": "flavors: {}"})
    argv = runtime.model_server(image, 4711, {}, said.append).argv
    assert argv[:5] == ("/env/bin/python", "-m", "mlflow", "models", "serve")
    assert argv[-4:] == ("--host", "127.0.0.1", "--port", "4711")


def test_jobs_that_begin_at_once_clear_away_what_others_left_without_stumbling_over_one_another(tmp_path, monkeypatch):
    monkeypatch.setattr(runtime_module, "SET_UP", 0.0)  # as if every copy were a minute old
    image = tmp_path / "image"
    image.mkdir()
    (image / "train.py").write_text("1")
    jobs = tmp_path / "jobs"
    for number in range(40):
        (jobs / f"{number:012}" / "deep").mkdir(parents=True)
    with ThreadPoolExecutor(4) as pool:
        copies = list(pool.map(lambda _: runtime_module._private_copy(image, jobs, "mark"), range(8)))
    assert len(set(copies)) == 8
    assert not [one for one in jobs.iterdir() if one.name.startswith("0000000000")]


def test_what_jobs_leave_behind_stays_in_the_sandbox(runtime, folder, said):
    env = runtime.job(folder({}), ["x"], {}, said.append).env
    assert env["TMPDIR"] == str(runtime.home / "tmp")
    assert Path(env["TMPDIR"]).is_dir()


def test_no_program_of_a_persons_is_found_that_an_image_on_aws_would_lack(runtime, folder, said, tmp_path):
    (tmp_path / "venv" / "bin").mkdir(parents=True)
    (tmp_path / "venv" / "pyvenv.cfg").touch()
    path = f"/home/me/.local/bin:{tmp_path}/venv/bin:/home/me/.pyenv/shims:/usr/local/bin:/usr/bin"
    theirs = replace(runtime, environ={**runtime.environ, "PATH": path, "HOME": "/home/me"})
    env = theirs.job(folder({}), ["x"], {}, said.append).env
    assert env["PATH"].split(":")[1:] == ["/usr/local/bin", "/usr/bin"]
