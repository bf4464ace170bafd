"""What a folder asks of its environment."""

import pytest

from reconciler.sandbox.folders import project_name, read_needs
from reconciler.sandbox.needs import EnvironmentFailed, Needs

MAIN = "entry_points: {main: {command: python train.py}}\n"
PYTHON_ENV = "python: '{python}'\nbuild_dependencies: [pip==23.1, setuptools]\ndependencies: [-r requirements.txt, s]"
CONDA = """
name: x
channels: [conda-forge]
dependencies:
  - python=3.10.4
  - numpy=1.26
  - pandas
  - cudatoolkit=11
  - pip<=23
  - setuptools
  - pip:
      - pandas==2.2.0
      - mlflow
"""


def test_a_folder_without_an_environment_needs_nothing(folder):
    assert read_needs(folder({"train.py": ""})) == Needs()


@pytest.mark.parametrize("name", ["MLproject", "MLProject", "mlproject"])
def test_the_project_file_names_the_environment_whatever_its_capitals(folder, name):
    needs = read_needs(
        folder({name: f"{MAIN}python_env: envs/p.yaml", "envs/p.yaml": "dependencies: [a]", "conda.yaml": "{}"})
    )
    assert needs.lines == ("a",)


@pytest.mark.parametrize("project", [{"MLproject": "name: x"}, {"MLmodel": "flavors: {}"}])
def test_a_python_env_beside_it_is_used_and_read_whole(folder, project):
    files = {**project, "python_env.yaml": PYTHON_ENV.format(python="3.10"), "requirements.txt": "numpy\n--pre"}
    needs = read_needs(folder(files))
    assert needs.lines == ("numpy", "s")
    assert needs.build == ("pip==23.1", "setuptools")
    assert needs.options == ("--pre",)


@pytest.mark.parametrize(("python", "fits", "fits_not"), [("3.10", "3.10.1", "3.1.0"), ("3.11.7", "3.11.9", "3.12.0")])
def test_the_python_of_a_python_env_is_meant_to_the_minor_version(folder, python, fits, fits_not):
    needs = read_needs(folder({"python_env.yaml": PYTHON_ENV.format(python=python), "requirements.txt": ""}))
    assert needs.python.contains(fits)
    assert not needs.python.contains(fits_not)


@pytest.mark.parametrize("named", [{"MLproject": "conda_env: conda.yaml"}, {"MLproject": "name: x"}, {"MLmodel": "{}"}])
def test_a_conda_environment_is_translated(folder, named):
    needs = read_needs(folder({**named, "conda.yaml": CONDA}))
    assert needs.lines == ("numpy==1.26.*", "pandas==2.2.0", "mlflow")
    assert needs.build == ("pip<=23", "setuptools")
    assert needs.left_out == ("cudatoolkit",)
    assert needs.uncertain == {"numpy"}
    assert needs.python.contains("3.10.13")
    assert not needs.python.contains("3.11.0")


def test_a_range_of_pythons_stays_a_range(folder):
    needs = read_needs(folder({"conda.yaml": "dependencies: ['python>=3.9,<3.12']"}))
    assert needs.python.contains("3.11.7")
    assert not needs.python.contains("3.12.1")


def test_a_model_with_nothing_but_requirements_is_read(folder):
    assert read_needs(folder({"MLmodel": "{}", "requirements.txt": "a\nb"})).lines == ("a", "b")


def test_packages_that_pypi_turns_out_not_to_know_can_be_taken_out(folder):
    needs = read_needs(folder({"conda.yaml": "dependencies: [numpy, strange]"}))
    assert needs.without(frozenset({"strange"})).lines == ("numpy",)
    assert needs.without(frozenset({"strange"})).uncertain == {"numpy"}


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"MLproject": "python_env: p.yaml"}, "MLproject:1: python_env: names p.yaml, which is not in the commit"),
        ({"MLproject": "docker_env: {image: x}"}, "MLproject:1: docker_env: cannot run on AWS Batch"),
        ({"MLproject": "[1, 2]"}, "MLproject:1: holds no keys and values"),
        ({"MLproject": "a: [b"}, "MLproject:1: is not valid YAML: while parsing a flow sequence"),
        ({"python_env.yaml": "dependencies: numpy"}, "python_env.yaml:1: dependencies: is no list"),
        ({"python_env.yaml": "python: newest"}, "python_env.yaml:1: python: 'newest' is not a release of Python 3"),
        ({"conda.yaml": "dependencies: ['python=newest=1']"}, "python newest is not a version of Python"),
    ],
)
def test_a_file_that_makes_no_sense_is_named_in_one_line(folder, files, reason):
    with pytest.raises(EnvironmentFailed) as failure:
        read_needs(folder(files))
    assert reason in str(failure.value)
    assert "\n" not in str(failure.value)


@pytest.mark.parametrize(("files", "name"), [({"MLproject": "name: ranker"}, "ranker"), ({}, "")])
def test_a_project_is_called_what_its_file_says(folder, files, name):
    assert project_name(folder(files)) == name
