"""What `reconcile init` writes is a project that trains, with tests that hold."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from reconciler.adapters.scaffold import new_folder, project_files
from support.checkout import REPOSITORY

EXAMPLE = REPOSITORY / "ml-projects" / "test-project"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "ml-projects" / "spam"
    with new_folder(folder, project_files("spam")):
        pass
    # As in this repository, whose settings of pytest are not the project's.
    (tmp_path / "pyproject.toml").write_text('[tool.pytest.ini_options]\naddopts = "--import-mode=importlib"\n')
    return folder


def own_tests(folder: Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-B", "-m", "pytest", "-q", "-p", "no:xdist", "ml-projects/spam"]
    root = folder.parents[1]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=300, check=False)


def test_its_tests_pass_and_leave_nothing_behind(folder):
    before = sorted(folder.rglob("*"))
    ran = own_tests(folder)
    assert ran.returncode == 0, ran.stdout
    assert re.search(r"\b3 passed", ran.stdout)
    assert sorted(folder.rglob("*")) == before


@pytest.mark.parametrize(
    ("file", "before", "after"),
    [
        ("train.py", "fit(features, growers)", "fit(features, growers.sample(frac=1, random_state=1).to_numpy())"),
        ("request.json", '"hue"', '"color"'),
        ("train.py", ", random_state=SEED)", ")"),
    ],
)
def test_its_tests_notice_a_model_that_learns_nothing_or_is_asked_wrongly_or_is_chance(folder, file, before, after):
    text = (folder / file).read_text()
    assert before in text
    (folder / file).write_text(text.replace(before, after, 1))
    ran = own_tests(folder)
    assert ran.returncode == 1, ran.stdout


def test_it_needs_what_the_example_needs_so_that_the_sandbox_downloads_nothing(folder):
    mine, its = (yaml.safe_load((one / "python_env.yaml").read_text()) for one in (folder, EXAMPLE))
    assert mine == its


def test_its_parameters_and_resources_are_written_as_the_platform_reads_them(folder):
    project = yaml.safe_load((folder / "MLproject").read_text())
    assert project["name"] == "spam"
    assert all("default" in one for one in project["entry_points"]["main"]["parameters"].values())
    requirements = json.loads((folder / "resource-requirements.json").read_text())
    assert {entry["type"] for entry in requirements} == {"VCPU", "MEMORY"}
