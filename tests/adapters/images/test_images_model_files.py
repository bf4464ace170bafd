"""Models whose images would lack what they were logged with."""

import pytest

from reconciler.adapters.images.model_files import check_model
from reconciler.errors import BuildFailed

PYTHON_ENV = "python: {python}\nbuild_dependencies: [pip==23.2.1, wheel]\ndependencies: [-r requirements.txt]\n"


@pytest.fixture
def checked(tmp_path):
    """What is said of a model with this conda.yaml, whose pip packages are these."""

    def check(conda, pip="mlflow-skinny\npandas\n", python="3.11.7"):
        (tmp_path / "python_env.yaml").write_text(PYTHON_ENV.format(python=python))
        (tmp_path / "requirements.txt").write_text(pip)
        if conda:
            (tmp_path / "conda.yaml").write_text(f"channels: [conda-forge]\ndependencies:\n{conda}")
        said = []
        check_model(tmp_path, "version 5 of churn", said.append)
        return said

    return check


@pytest.mark.parametrize(
    "conda",
    [
        "",
        "- python=3.11.7\n- pip<=23.2.1\n- pip:\n  - mlflow-skinny\n  - pandas\n",
        "- python=3.11\n- pandas=2.1\n- setuptools\n- wheel\n- pip:\n  - mlflow-skinny\n",
        "- python>=3.10,<3.12\n",
    ],
)
def test_a_model_that_pip_can_bring_whole_is_served(checked, conda):
    assert checked(conda) == []


def test_a_model_that_asks_conda_for_more_is_refused_by_name(checked):
    with pytest.raises(BuildFailed) as error:
        checked("- python=3.12\n- graphviz=2.50\n- openjdk\n- pip:\n  - mlflow-skinny\n  - pandas\n")
    assert error.value.what == (
        "version 5 of churn was logged with packages of conda that its image would not have: graphviz=2.50, openjdk"
    )
    assert "pip_requirements" in error.value.remedy


@pytest.mark.parametrize("python", ["python=3.12", "python>=3.12", "python==3.12.1"])
def test_another_python_than_the_one_that_logged_the_model_is_told(checked, python):
    [said] = checked(f"- {python}\n")
    assert said.startswith("version 5 of churn asks conda for Python ")
    assert said.endswith("it was logged by 3.11.7, which serves it")


def test_a_model_whose_files_make_no_sense_is_refused(checked):
    with pytest.raises(BuildFailed, match=r"cannot be served: conda\.yaml:3: dependencies: vc is for Windows"):
        checked("- vc=14\n")
