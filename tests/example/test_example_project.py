import json
import os
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import mlflow
import pandas as pd
import pytest
import yaml
from packaging.requirements import Requirement

PROJECT = Path(__file__).parents[2] / "ml-projects" / "test-project"
SECONDS = 120


@dataclass(frozen=True, slots=True)
class Trained:
    """Two trainings of the example: one as a person starts it, one as the platform does."""

    client: Any
    by_hand: Any
    by_platform: Any
    new_files: list[str]


def train(home: Path, *options: str, **variables: str) -> None:
    command = [sys.executable, "-m", "mlflow", "run", str(PROJECT), "--env-manager", "local", *options]
    own = {"MLFLOW_TRACKING_URI": f"sqlite:///{home}/mlflow.db", "MLFLOW_DISABLE_TELEMETRY": "true"}
    # The entry point says `python`: as in an activated environment, that is this one.
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    inherited = {name: value for name, value in os.environ.items() if name != "RECONCILER_MODEL"}
    done = subprocess.run(
        command,
        cwd=home,
        env={**inherited, "PATH": path, **own, **variables},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def listing() -> list[str]:
    return sorted(str(file) for file in PROJECT.rglob("*") if "__pycache__" not in file.parts)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    home = tmp_path_factory.mktemp("tracking")
    uri = f"sqlite:///{home}/mlflow.db"
    before = listing()
    train(home)
    client = mlflow.MlflowClient(tracking_uri=uri, registry_uri=uri)
    prepared = client.create_run("0", tags={"from": "the platform"})
    train(home, "--run-id", prepared.info.run_id, RECONCILER_MODEL="flowers")
    by_hand = next(run for run in client.search_runs(["0"]) if run.info.run_id != prepared.info.run_id)
    by_platform = client.get_run(prepared.info.run_id)
    return Trained(client, by_hand, by_platform, [file for file in listing() if file not in before])


@pytest.mark.e2e
def test_a_training_registers_a_version_under_the_projects_name(trained):
    (found,) = trained.client.search_model_versions("name='test-project'")
    assert (int(found.version), found.status) == (1, "READY")
    assert found.run_id == trained.by_hand.info.run_id


@pytest.mark.e2e
def test_the_platform_chooses_the_run_and_the_models_name(trained):
    (found,) = trained.client.search_model_versions("name='flowers'")
    assert found.run_id == trained.by_platform.info.run_id
    assert trained.by_platform.data.tags["from"] == "the platform"
    assert trained.by_platform.info.status == "FINISHED"


@pytest.mark.e2e
def test_the_run_tells_what_was_done_and_how_good_it_is(trained):
    data = trained.by_hand.data
    assert {"C": "1.0", "seed": "7", "training_rows": "112"}.items() <= data.params.items()
    assert data.metrics["accuracy"] > 0.9
    assert 0 < data.metrics["log_loss"] < 0.3


@pytest.mark.e2e
def test_two_trainings_give_the_same_model(trained):
    assert trained.by_hand.data.metrics == trained.by_platform.data.metrics


@pytest.mark.e2e
def test_the_model_answers_the_sample_request_within_its_signature(trained):
    version_one = trained.client.get_model_version("test-project", "1")
    model = mlflow.pyfunc.load_model(trained.client.get_model_version_download_uri("test-project", version_one.version))
    request = json.loads((PROJECT / "request.json").read_text())["dataframe_split"]
    assert model.metadata.signature.inputs.input_names() == request["columns"]
    assert list(model.input_example.columns) == request["columns"]
    assert list(model.predict(pd.DataFrame(**request))) == ["setosa", "virginica"]


@pytest.mark.e2e
def test_training_leaves_nothing_in_the_projects_folder(trained):
    assert trained.new_files == []


def test_its_requirements_are_met_here_so_that_the_sandbox_needs_no_environment_of_its_own():
    environment = yaml.safe_load((PROJECT / "python_env.yaml").read_text())
    assert "python" not in environment
    for requirement in map(Requirement, environment["dependencies"]):
        assert requirement.specifier.contains(version(requirement.name)), requirement


def test_every_parameter_has_a_default():
    main = yaml.safe_load((PROJECT / "MLproject").read_text())["entry_points"]["main"]
    assert main["parameters"]
    assert all("default" in parameter for parameter in main["parameters"].values())


def test_its_resources_are_written_as_batch_writes_them():
    requirements = json.loads((PROJECT / "resource-requirements.json").read_text())
    assert {entry["type"]: entry["value"] for entry in requirements} == {"VCPU": "1", "MEMORY": "2048"}
