"""An MLflow project's or model's folder: what it asks of its Python environment, and what it is called."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name

from reconciler.sandbox.conda import translate
from reconciler.sandbox.needs import BUILD_TOOLS, EnvironmentFailed, Needs, name_of, python_release
from reconciler.sandbox.pip_requirements import read_file, sort_lines

PYTHON_ENV, CONDA_ENV, REQUIREMENTS = "python_env.yaml", "conda.yaml", "requirements.txt"
PYTHON = canonicalize_name("python")


def read_needs(folder: Path) -> Needs:
    """What the project or model in `folder` asks for, found where MLflow looks for it.

    Raises EnvironmentFailed when one of its files is missing or makes no sense.
    """
    return _of_model(folder) if (folder / "MLmodel").is_file() else _of_project(folder)


def project_name(folder: Path) -> str:
    """The name in the project's MLproject file; empty when there is none. Raises EnvironmentFailed."""
    return str(_project(folder).get("name") or "")


def _of_model(folder: Path) -> Needs:
    if (folder / PYTHON_ENV).is_file():
        return _of_python_env(folder / PYTHON_ENV, folder)
    if (folder / CONDA_ENV).is_file():
        return _of_conda(folder / CONDA_ENV, folder)
    return _of_requirements(folder) if (folder / REQUIREMENTS).is_file() else Needs()


def _of_project(folder: Path) -> Needs:
    project = _project(folder)
    if "docker_env" in project:
        raise EnvironmentFailed(
            "the project asks for a docker_env, and the sandbox runs no containers: use python_env or conda_env"
        )
    for key, default, reader in (("python_env", PYTHON_ENV, _of_python_env), ("conda_env", CONDA_ENV, _of_conda)):
        if key in project:
            return reader(folder / str(project[key]), folder)
        if (folder / default).is_file() and not {"python_env", "conda_env"} & project.keys():
            return reader(folder / default, folder)
    return Needs()


def _project(folder: Path) -> Mapping[str, Any]:
    # Spelled as MLflow does: any mixture of capitals.
    files = (path for path in folder.iterdir() if path.name.lower() == "mlproject")
    path = next(files, None)
    return _mapping(path) if path else {}


def _of_python_env(path: Path, folder: Path) -> Needs:
    content = _mapping(path)
    lines = sort_lines(_strings(content, "dependencies", path), path.parent, folder)
    build = sort_lines(_strings(content, "build_dependencies", path), path.parent, folder)
    return Needs(
        python=_python(content.get("python"), path),
        lines=lines.requirements,
        constraints=lines.constraints,
        options=lines.options + build.options,
        build=build.requirements,
    )


def _of_requirements(folder: Path) -> Needs:
    lines = read_file(folder / REQUIREMENTS, folder)
    return Needs(lines=lines.requirements, constraints=lines.constraints, options=lines.options)


def _of_conda(path: Path, folder: Path) -> Needs:
    listed = _mapping(path).get("dependencies") or []
    if not isinstance(listed, list):
        raise EnvironmentFailed(f"{path.name}: dependencies is not a list")
    named = [entry for entry in listed if isinstance(entry, str)]
    sections = [entry["pip"] for entry in listed if isinstance(entry, dict) and "pip" in entry]
    pip = sort_lines([str(line) for section in sections for line in section or ()], path.parent, folder)
    translated = {dependency: translate(dependency) for dependency in named}
    lines = {name: line for line in translated.values() if line and (name := name_of(line))}
    # What the pip section names too is installed last by conda, and wins.
    lines = {name: line for name, line in lines.items() if name not in set(map(name_of, pip.requirements))}
    python = lines.pop(PYTHON, "python").removeprefix("python")
    build = tuple(line for name, line in lines.items() if name in BUILD_TOOLS)
    packages = {name: line for name, line in lines.items() if name not in BUILD_TOOLS}
    return Needs(
        python=_specifier(python, path) if python else SpecifierSet(),
        lines=(*packages.values(), *pip.requirements),
        constraints=pip.constraints,
        options=pip.options,
        build=build,
        uncertain=frozenset(packages),
        left_out=tuple(dependency for dependency, line in translated.items() if line is None),
    )


def _python(version: Any, path: Path) -> SpecifierSet:  # what YAML holds under the key
    return _specifier(f"=={version}", path) if version else SpecifierSet()


def _specifier(text: str, path: Path) -> SpecifierSet:
    try:
        specifiers = SpecifierSet(text)
    except InvalidSpecifier as error:
        raise EnvironmentFailed(f"{path.name}: python {text.lstrip('=')} is not a version of Python") from error
    pinned = [one.version for one in specifiers if one.operator == "=="]
    return python_release(pinned[0].removesuffix(".*")) if pinned else specifiers


def _strings(content: Mapping[str, Any], key: str, path: Path) -> list[str]:
    listed = content.get(key) or []
    if not isinstance(listed, list) or not all(isinstance(entry, str) for entry in listed):
        raise EnvironmentFailed(f"{path.name}: {key} is not a list of requirements")
    return listed


def _mapping(path: Path) -> Mapping[str, Any]:
    """A YAML file's content; every scalar is text, so that Python 3.10 is not read as 3.1."""
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 - builds text only
    except FileNotFoundError as error:
        raise EnvironmentFailed(f"{path.name} is named by the project and is not there") from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise EnvironmentFailed(f"{path.name} cannot be read: {' '.join(str(error).split())}") from error
    if not isinstance(content, dict | None):
        raise EnvironmentFailed(f"{path.name} is not a mapping")
    return content or {}
