"""Projects as they are found in the wild, in small: what runs as it stands, and what its own files keep from it."""

import pytest

from mlproject.conftest import GivenFiles
from reconciler.mlproject import CondaEnvironment, ProjectInvalid, PythonEnvironment, read_project

HYPHENS = """\
name: sklearn

conda_env: conda.yaml

#docker_env:
  #image:  train-sklearn

entry_points:
  main:
    parameters:
      data-path: {type: string, default: https://a.example/wine.csv }
      max-depth: int
      log-plot: {type: boolean, default: False}
    command: "python -um wine.train
                --data-path {data-path}
                --max-depth {max-depth} --log-plot {log-plot}
                "
  predict:
    parameters:
      model-uri: string
    command: "python -um wine.predict --model-uri {model-uri} "
"""
SEVERAL = """\
entry_points:
  data:
    command: "python src/data.py"
  full_pipeline:
    command: >
      python src/data.py &&
      python src/train.py
"""
NO_ENVIRONMENT = """\
# MLproject
name: Proyecto de demostración

entry_points:
    elasticnet:
        parameters:
            alpha: {type: float, default: 0.1}
        command: 'python3 -m homework --model elasticnet --alpha {alpha}'
"""
PLAIN = 'conda_env: conda.yaml\n\nentry_points:\n  main:\n    command: "python train.py"'
OLD_CONDA = "channels:\n  - conda-forge\ndependencies:\n  - python=3.7\n  - pip=19.0.3\n  - pip:\n    - mlflow==1.8"
LOOSE_CONDA = (
    "name: x\nchannels:\n  - defaults\ndependencies:\n  - pandas>=1.0.0\n  - scikit-learn>0.19.1\n"
    "  - pip\n  - pip:\n    - mlflow"
)
RUNS = [
    ({"MLproject": HYPHENS, "conda.yaml": OLD_CONDA}, {"given": {"max-depth"}}, CondaEnvironment),
    (
        {"MLproject": HYPHENS, "conda.yaml": OLD_CONDA},
        {"entry_point": "predict", "given": {"model-uri"}},
        CondaEnvironment,
    ),
    ({"MLproject": SEVERAL, "src/data.py": ""}, {"entry_point": "full_pipeline"}, PythonEnvironment),
    ({"MLproject": NO_ENVIRONMENT}, {"entry_point": "elasticnet"}, PythonEnvironment),
    ({"mlproject": PLAIN, "conda.yaml": LOOSE_CONDA}, {}, CondaEnvironment),
    (
        {
            "MLproject": "python_env: python_env.yaml\nentry_points: {main: {command: python a.py}}",
            "conda.yaml": "dependencies: [python=3.10.12]",
            "python_env.yaml": 'python: "3.10.12"\nbuild_dependencies:\n- pip\ndependencies:\n- -r requirements.txt',
            "requirements.txt": "mlflow==2.7.0\nscipy==1.11.2",
        },
        {},
        PythonEnvironment,
    ),
]


@pytest.mark.parametrize(("files", "options", "kind"), RUNS)
def test_what_people_have_runs_as_it_stands(files, options, kind):
    assert isinstance(read_project(GivenFiles(files), **options).environment, kind)


FAULTS = [
    (
        {"MLproject": HYPHENS, "conda.yaml": OLD_CONDA},
        "MLproject:12: entry_points.main.parameters.max-depth: has no default",
    ),
    ({"MLproject": SEVERAL}, "MLproject:1: entry_points: has no main; there are data, full_pipeline: choose one"),
    ({"MLproject": PLAIN}, "MLproject:1: conda_env: names conda.yaml, which is not in the commit"),
]


@pytest.mark.parametrize(("files", "told"), FAULTS)
def test_what_their_own_files_keep_from_running_is_told(files, told):
    with pytest.raises(ProjectInvalid) as error:
        read_project(GivenFiles(files))
    [fault] = error.value.faults
    assert str(fault).startswith(told)
