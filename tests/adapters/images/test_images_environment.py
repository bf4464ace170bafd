from pathlib import Path

import pytest

from reconciler.adapters.images.environment import (
    DEFAULT_PYTHON,
    CondaEnvironment,
    PythonEnvironment,
    read_environment,
)
from reconciler.errors import BuildFailed


@pytest.fixture
def project(tmp_path):
    """Writes a project's files, by name."""

    def write(files: dict[str, str]) -> Path:
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        return tmp_path

    return write


NAMED = "name: churn\n"
WITH_PYTHON = "name: churn\npython_env: python_env.yaml\n"


def test_a_python_environment_is_read_whole(project):
    text = 'python: "3.11.9"\nbuild_dependencies: [setuptools]\ndependencies: [-r requirements.txt, pandas>=2]\n'
    found = read_environment(project({"MLproject": WITH_PYTHON, "python_env.yaml": text}))
    assert found == PythonEnvironment("3.11.9", ("setuptools",), ("-r requirements.txt", "pandas>=2"))


@pytest.mark.parametrize("name", ["MLproject", "MLProject", "mlproject", "MLPROJECT"])
def test_the_project_file_may_be_spelt_as_mlflow_lets_it(name, project):
    assert read_environment(project({name: NAMED})) == PythonEnvironment()


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"MLproject": NAMED}, PythonEnvironment(DEFAULT_PYTHON)),
        ({"MLproject": NAMED, "python_env.yaml": "python: '3.13'\n"}, PythonEnvironment("3.13")),
        ({"MLproject": NAMED, "conda.yaml": "name: x\n"}, CondaEnvironment("conda.yaml")),
        ({"MLproject": NAMED, "python_env.yaml": "python: '3.13'", "conda.yaml": "name: x"}, PythonEnvironment("3.13")),
        (
            {"MLproject": "conda_env: env/my conda.yaml\n", "env/my conda.yaml": "x: 1"},
            CondaEnvironment("env/my conda.yaml"),
        ),
        ({"MLproject": "python_env: a.yaml", "a.yaml": "{dependencies: null}"}, PythonEnvironment()),
    ],
    ids=["none", "python-by-default", "conda-by-default", "python-first", "conda-in-a-folder", "empty-list"],
)
def test_the_environment_is_the_one_that_mlflow_would_take(files, expected, project):
    assert read_environment(project(files)) == expected


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ('"3.11"', "3.11"),
        ('">=3.11"', "3.11"),
        ('"~= 3.12"', "3.12"),
        ('"==3.12.4"', "3.12.4"),
        ('"3.12.*"', "3.12"),
        ('" 3.12 "', "3.12"),
    ],
)
def test_a_python_version_may_be_written_in_several_ways(written, meant, project):
    found = read_environment(project({"MLproject": WITH_PYTHON, "python_env.yaml": f"python: {written}\n"}))
    assert found == PythonEnvironment(meant)


@pytest.mark.parametrize(
    ("files", "what"),
    [
        ({"train.py": ""}, "it has no file MLproject"),
        ({"MLproject.yaml": NAMED}, "it has no file MLproject"),
        ({"MLproject": "a: b: c"}, "MLproject is not valid YAML"),
        ({"MLproject": ""}, "MLproject holds no keys and values"),
        ({"MLproject": "- a list"}, "MLproject holds no keys and values"),
        ({"MLproject": "docker_env: {image: x}"}, "MLproject asks for docker_env"),
        ({"MLproject": "databricks_spark_job: {python_file: x}"}, "MLproject asks for databricks_spark_job"),
        ({"MLproject": WITH_PYTHON}, "python_env names python_env.yaml, which is not there"),
        ({"MLproject": "conda_env: ../conda.yaml"}, "conda_env is '../conda.yaml'"),
        ({"MLproject": "conda_env: /etc/passwd"}, "conda_env is '/etc/passwd'"),
        ({"MLproject": 'conda_env: "a\\nRUN evil"'}, "conda_env is 'a"),
        ({"MLproject": "conda_env: [a]"}, "conda_env is ['a']"),
        ({"MLproject": "python_env: a\nconda_env: b\n", "a": "", "b": ""}, "names a python_env and a conda_env"),
        ({"MLproject": WITH_PYTHON, "python_env.yaml": "python: 3.10"}, "python is 3.1, which is no version"),
        ({"MLproject": WITH_PYTHON, "python_env.yaml": "python: '3'"}, "python is '3', which is no version"),
        ({"MLproject": WITH_PYTHON, "python_env.yaml": 'python: "3.1\\nRUN x"'}, "which is no version"),
        ({"MLproject": WITH_PYTHON, "python_env.yaml": "dependencies: pandas"}, "dependencies is no list"),
        ({"MLproject": WITH_PYTHON, "python_env.yaml": "build_dependencies: [1]"}, "build_dependencies is no list"),
    ],
)
def test_what_mlflow_could_not_run_is_refused_with_a_remedy(files, what, project):
    with pytest.raises(BuildFailed) as error:
        read_environment(project(files))
    assert what in error.value.what
    assert "\n" not in error.value.what
    assert error.value.remedy


def test_a_project_file_that_is_no_text_is_refused(tmp_path):
    (tmp_path / "MLproject").write_bytes(b"\xff\xfe")
    with pytest.raises(BuildFailed, match="MLproject is not valid YAML"):
        read_environment(tmp_path)
