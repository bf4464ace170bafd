"""Stand-ins for AWS and docker, a small MLflow project, and a real MLflow registry with models in it."""

import json
import os
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mlflow
import pytest
from moto import mock_aws

from reconciler.adapters.aws.session import Aws

REGION = "eu-west-1"

DOCKER = """\
#!{python}
import json, os, pathlib, shutil, sys, time
home = pathlib.Path({home!r})
words = sys.argv[1:]
seen = {{name: os.environ.get(name) for name in {watched!r}}}
reads = "--password-stdin" in words
call = {{"argv": words, "env": seen, "stdin": sys.stdin.read() if reads else ""}}
if words[0] == "build":
    context = pathlib.Path(words[-1])
    call["files"] = sorted(str(file.relative_to(context)) for file in context.rglob("*") if file.is_file())
    call["dockerfile"] = (context / "Dockerfile").read_text()
with open(home / "diary", "a") as diary:
    diary.write(json.dumps(call) + "\\n")
script = next((file for file in (home / "-".join(words[:2]), home / words[0]) if file.is_file()), None)
answers = json.loads(script.read_text()) if script else []
answer = answers.pop(0) if answers else {{"say": "", "code": 0, "sleep": 0}}
if script:
    script.write_text(json.dumps(answers))
print(answer["say"] or f"{{words[0]}} done", flush=True)
time.sleep(answer["sleep"])
sys.exit(answer["code"])
"""
WATCHED = (
    "DOCKER_CONFIG",
    "DOCKER_CONTEXT",
    "DOCKER_HOST",
    "REGISTRY_AUTH_FILE",
    "BUILDX_NO_DEFAULT_ATTESTATIONS",
    "BUILDAH_FORMAT",
)


@dataclass(frozen=True, slots=True)
class FakeDocker:
    """A `docker` on PATH that does as it is told and notes every call."""

    home: Path

    def will(self, command: str, *, say: str = "", code: int = 0, sleep: float = 0) -> None:
        """Queue the answer to the next call of a command such as `push` or `buildx-version`."""
        script = self.home / command
        answers = json.loads(script.read_text()) if script.exists() else []
        script.write_text(json.dumps([*answers, {"say": say, "code": code, "sleep": sleep}]))

    def calls(self, command: str) -> list[dict[str, Any]]:
        """Every call of a command, oldest first."""
        diary = self.home / "diary"
        lines = diary.read_text().splitlines() if diary.exists() else []
        return [call for call in map(json.loads, lines) if call["argv"][0] == command]


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeDocker:
    home = tmp_path / "docker"
    (home / "bin").mkdir(parents=True)
    program = home / "bin" / "docker"
    program.write_text(DOCKER.format(python=sys.executable, home=str(home), watched=WATCHED))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    return FakeDocker(home)


@pytest.fixture
def aws() -> Iterator[Aws]:
    with mock_aws():
        yield Aws(REGION, credentials=("key", "secret"))


@pytest.fixture
def repository(aws: Aws) -> str:
    name = "acme-prod/churn/training"
    aws.client("ecr").create_repository(repositoryName=name, imageTagMutability="IMMUTABLE")
    return name


@pytest.fixture
def image(repository: str) -> str:
    return f"123456789012.dkr.ecr.{REGION}.amazonaws.com/{repository}:abc123"


@pytest.fixture
def cancel() -> threading.Event:
    return threading.Event()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """An exported MLflow project."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "MLproject").write_text("name: churn\n")
    (folder / "python_env.yaml").write_text('python: "3.12"\ndependencies: [numpy]\n')
    (folder / "train.py").write_text("print(1)\n")
    return folder


@pytest.fixture
def server(tmp_path: Path) -> Path:
    """What the MLflow server's image is built from."""
    folder = tmp_path / "server"
    folder.mkdir()
    (folder / "Dockerfile").write_text("FROM scratch\n")
    (folder / "entrypoint.py").write_text("print(1)\n")
    return folder


@pytest.fixture(scope="session")
def tracking_uri(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A registry with four versions of `churn`: 1 can be served, 2 is in a sub-folder, 3 is no model, 4 needs conda."""
    home = tmp_path_factory.mktemp("registry")
    uri = f"sqlite:///{home}/mlflow.db"
    model = home / "wrapped" / "model"
    mlflow.pyfunc.save_model(model, loader_module="json", pip_requirements=["numpy"])
    conda = {
        "name": "m",
        "dependencies": ["python=3.11", "graphviz=2.50", "openjdk", {"pip": ["mlflow-skinny", "numpy"]}],
    }
    mlflow.pyfunc.save_model(home / "conda", loader_module="json", conda_env=conda)
    (home / "bare").mkdir()
    (home / "bare" / "notes.txt").write_text("no model")
    client = mlflow.MlflowClient(tracking_uri=uri, registry_uri=uri)
    client.create_registered_model("churn")
    for source in (model, home / "wrapped", home / "bare", home / "conda"):
        client.create_model_version("churn", source=str(source))
    return uri
