"""The build context of a training image: an MLflow project with its own environment, ready for `mlflow run`."""

import re
import shlex
from dataclasses import replace
from pathlib import Path, PurePosixPath

import yaml

from reconciler.adapters.images import content
from reconciler.core.desired import BaseImages
from reconciler.errors import BuildFailed
from reconciler.mlproject import DEFAULT_PYTHON, CondaEnvironment, Environment, PythonEnvironment
from reconciler.mlproject.conda import without_build
from reconciler.ports import Say

PYTHON = "python"
MICROMAMBA, MICROMAMBA_TAG = "mambaorg/micromamba", "2.3.2"
REQUIREMENTS = ".reconcile-requirements.txt"
DOCKER_HUB = BaseImages()
CONDA_FILE = ".reconcile-conda.yaml"
BUILD_REQUIREMENTS = ".reconcile-build-requirements.txt"

# git: MLflow looks for it, and requirements may be git+https. libgomp1: LightGBM and XGBoost need it.
_PYTHON_TEMPLATE = """\
FROM {base}:{python}-slim
ENV GIT_PYTHON_REFRESH=quiet MLFLOW_DISABLE_TELEMETRY=true PYTHONUNBUFFERED=1
ENV PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore PIP_DISABLE_PIP_VERSION_CHECK=1
RUN apt-get update \\
 && apt-get install --yes --no-install-recommends git libgomp1 \\
 && rm -rf /var/lib/apt/lists/*
RUN useradd --create-home trainer && install --directory --owner=trainer /project
WORKDIR /project
COPY --chown=trainer project/ ./
{install}
RUN python -c "import mlflow" || pip install mlflow=={mlflow}
USER trainer
CMD ["mlflow", "run", ".", "--env-manager", "local"]
"""

_CONDA_TEMPLATE = """\
FROM {base}
ENV GIT_PYTHON_REFRESH=quiet MLFLOW_DISABLE_TELEMETRY=true PYTHONUNBUFFERED=1
ENV PATH=/opt/conda/bin:$PATH
USER root
RUN install --directory --owner=$MAMBA_USER /project
USER $MAMBA_USER
WORKDIR /project
COPY --chown=$MAMBA_USER project/ ./
RUN micromamba install --yes --name base --file {file} \\
 && micromamba clean --all --yes
RUN python -c "import mlflow" || micromamba install --yes --name base --channel conda-forge mlflow={mlflow}
CMD ["mlflow", "run", ".", "--env-manager", "local"]
"""


def write_context(
    project: Path, environment: Environment, mlflow: str, context: Path, say: Say, base: BaseImages
) -> None:
    """Fill the empty folder `context`. The project stands in a folder of its own, where no .dockerignore is heeded."""
    content.copy(project, context / "project")
    if isinstance(environment, CondaEnvironment) and environment.has_builds:
        say(f"{environment.file} names builds of another machine, which are left out")
        environment = replace(environment, file=_without_builds(environment.file, context / "project"))
    for name, text in requirement_files(environment).items():
        (context / "project" / name).write_text(text, encoding="utf-8")
    (context / "Dockerfile").write_text(dockerfile(environment, mlflow, base), encoding="utf-8")


def dockerfile(environment: Environment, mlflow: str, base: BaseImages = DOCKER_HUB) -> str:
    """The Dockerfile; `mlflow` is the version for a project that names none."""
    match environment:
        case PythonEnvironment(python=python):
            install = "\n".join(f"RUN pip install --requirement {name}" for name in requirement_files(environment))
            template = _PYTHON_TEMPLATE if install else _PYTHON_TEMPLATE.replace("{install}\n", "")
            release, image = python or DEFAULT_PYTHON, base.python or PYTHON
            return template.format(base=image, python=release, install=install, mlflow=mlflow)
        case CondaEnvironment(file=file):
            return _CONDA_TEMPLATE.format(base=_micromamba(base), file=shlex.quote(file), mlflow=mlflow)


def _micromamba(base: BaseImages) -> str:
    image = base.conda or MICROMAMBA
    name = image.rpartition("/")[2]
    return image if ":" in name or "@" in name else f"{image}:{MICROMAMBA_TAG}"


def rebased(dockerfile: str, base: BaseImages) -> str:
    """A Dockerfile of somebody else's that begins with Docker Hub's Python, beginning with the chosen repository's.

    Raises BuildFailed when it begins with something else.
    """
    if not base.python:
        return dockerfile
    text, count = re.subn(r"^FROM python:", f"FROM {base.python}:", dockerfile, flags=re.MULTILINE)
    if not count:
        first = next((line for line in dockerfile.splitlines() if line.startswith("FROM")), "no FROM")
        what = f"the Dockerfile begins with {first!r}, and images.python stands for python alone"
        raise BuildFailed(what, "take images.python out of the manifest, and report it")
    return text


def _without_builds(file: str, project: Path) -> str:
    """Write a copy of a conda file beside it, whose pip section may name files, without builds; returns its name."""
    content = yaml.safe_load((project / file).read_text(encoding="utf-8-sig"))
    listed = [without_build(one) if isinstance(one, str) else one for one in content["dependencies"]]
    name = str(PurePosixPath(file).parent / CONDA_FILE)
    known = {key: value for key, value in content.items() if key != "prefix"}
    (project / name).write_text(yaml.safe_dump({**known, "dependencies": listed}, sort_keys=False), encoding="utf-8")
    return name


def requirement_files(environment: Environment) -> dict[str, str]:
    """Requirements files, in the order to install them.

    They stand at the project's root, for that is what `-r requirements.txt` in them is relative to.
    """
    if isinstance(environment, CondaEnvironment):
        return {}
    files = {BUILD_REQUIREMENTS: environment.build_dependencies, REQUIREMENTS: environment.dependencies}
    return {name: "".join(f"{line}\n" for line in lines) for name, lines in files.items() if lines}
