"""What an MLflow project needs to run, read from its files as MLflow reads them; none of its code is run."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from reconciler.errors import BuildFailed

DEFAULT_PYTHON = "3.12"
"""When a project does not say: the same on every machine that builds."""

_PYTHON = re.compile(r"(?:==|>=|~=)?\s*(\d+\.\d+(?:\.\d+)?)(?:\.\*)?")
_UNSUPPORTED = ("docker_env", "databricks_spark_job")


@dataclass(frozen=True, slots=True)
class PythonEnvironment:
    """A Python and what pip installs into it."""

    python: str = DEFAULT_PYTHON
    """`3.11` or `3.11.9`."""
    build_dependencies: tuple[str, ...] = ()
    dependencies: tuple[str, ...] = ()
    """Lines of a requirements file; those that name files are relative to the project's folder."""


@dataclass(frozen=True, slots=True)
class CondaEnvironment:
    """What conda installs, Python included."""

    file: str
    """Relative to the project's folder."""


Environment = PythonEnvironment | CondaEnvironment


def read_environment(project: Path) -> Environment:
    """The environment of the MLflow project in a folder. Raises BuildFailed when MLflow could not run it."""
    spec = _mapping(_project_file(project))
    unsupported = next((key for key in _UNSUPPORTED if key in spec), None)
    if unsupported:
        raise BuildFailed(
            f"MLproject asks for {unsupported}, which cannot run on AWS Batch", "use python_env or conda_env"
        )
    python, conda = _file(project, spec, "python_env"), _file(project, spec, "conda_env")
    if python and conda:
        raise BuildFailed("MLproject names a python_env and a conda_env", "keep one of them")
    if python or conda:
        return _python(project / python) if python else CondaEnvironment(conda)
    return _by_default(project)


def _by_default(project: Path) -> Environment:
    if (project / "python_env.yaml").is_file():
        return _python(project / "python_env.yaml")
    if (project / "conda.yaml").is_file():
        return CondaEnvironment("conda.yaml")
    return PythonEnvironment()


def _project_file(project: Path) -> Path:
    found = [file for file in sorted(project.iterdir()) if file.name.lower() == "mlproject" and file.is_file()]
    if not found:
        raise BuildFailed("the folder is no MLflow project: it has no file MLproject", "add one, and commit it")
    return found[0]


def _file(project: Path, spec: Mapping[str, Any], key: str) -> str:
    """The file that an entry of MLproject names; empty when there is no such entry."""
    name = spec.get(key)
    if name is None:
        return ""
    if not isinstance(name, str) or not name.isprintable() or not _is_inside(name):
        raise BuildFailed(f"MLproject: {key} is {name!r}", "name a file in the project's folder")
    if not (project / name).is_file():
        raise BuildFailed(f"MLproject: {key} names {name}, which is not there", "add the file, and commit it")
    return name


def _is_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts


def _python(file: Path) -> PythonEnvironment:
    spec = _mapping(file)
    lines = {key: _lines(file, spec, key) for key in ("build_dependencies", "dependencies")}
    return PythonEnvironment(_version(file, spec.get("python")), **lines)


def _version(file: Path, python: object) -> str:
    if python is None:
        return DEFAULT_PYTHON
    match = _PYTHON.fullmatch(python.strip()) if isinstance(python, str) else None
    if match is None:
        # Without the quotes YAML reads 3.10 as the number 3.1.
        raise BuildFailed(
            f"{file.name}: python is {python!r}, which is no version", 'write it in quotes: python: "3.12"'
        )
    return match[1]


def _lines(file: Path, spec: Mapping[str, Any], key: str) -> tuple[str, ...]:
    lines = spec.get(key) or []
    if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
        raise BuildFailed(f"{file.name}: {key} is no list of requirements", "write one requirement a line: - pandas>=2")
    return tuple(lines)


def _mapping(file: Path) -> Mapping[str, Any]:
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as fault:
        raise BuildFailed(f"{file.name} is not valid YAML: {' '.join(str(fault).split())}", "correct it") from fault
    if not isinstance(content, dict):
        raise BuildFailed(f"{file.name} holds no keys and values", "see https://mlflow.org/docs/latest/ml/projects/")
    return content
