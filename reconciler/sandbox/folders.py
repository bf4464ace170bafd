"""An MLflow project's or model's folder: what it asks of its Python environment, and what it is called."""

from pathlib import Path

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from reconciler.mlproject import (
    CondaEnvironment,
    FolderFiles,
    ProjectInvalid,
    PythonEnvironment,
    project_files,
    read_files,
    read_model,
)
from reconciler.sandbox.conda import pip_version, translate
from reconciler.sandbox.needs import BUILD_TOOLS, EnvironmentFailed, Needs, name_of, python_release


def read_needs(folder: Path) -> Needs:
    """What the project or model in `folder` asks for, found where MLflow looks for it.

    Raises EnvironmentFailed when one of its files is missing or makes no sense.
    """
    files = FolderFiles(folder)
    try:
        environment = read_files(files).environment if project_files(files.names) else read_model(files)
    except ProjectInvalid as error:
        raise EnvironmentFailed(str(error)) from error
    return _of_conda(environment) if isinstance(environment, CondaEnvironment) else _of_python(environment)


def project_name(folder: Path) -> str:
    """The name in the project's MLproject file; empty when there is none. Raises EnvironmentFailed."""
    files = FolderFiles(folder)
    try:
        return read_files(files).name if project_files(files.names) else ""
    except ProjectInvalid as error:
        raise EnvironmentFailed(str(error)) from error


def _of_python(environment: PythonEnvironment) -> Needs:
    return Needs(
        python=python_release(environment.python) if environment.python else SpecifierSet(),
        lines=environment.lines.requirements,
        constraints=environment.lines.constraints,
        options=environment.lines.options + environment.build.options,
        build=environment.build.requirements,
    )


def _of_conda(environment: CondaEnvironment) -> Needs:
    pip = environment.lines
    asked = [package for package in environment.packages if package.name != "python"]
    translated = {package: translate(package) for package in asked}
    lines = {name: line for line in translated.values() if line and (name := name_of(line))}
    # What the pip section names too is installed last by conda, and wins.
    lines = {name: line for name, line in lines.items() if name not in set(map(name_of, pip.requirements))}
    packages = {name: line for name, line in lines.items() if name not in BUILD_TOOLS}
    return Needs(
        python=_python(environment.python),
        lines=(*packages.values(), *pip.requirements),
        constraints=pip.constraints,
        options=pip.options,
        build=tuple(line for name, line in lines.items() if name in BUILD_TOOLS),
        uncertain=frozenset(packages),
        left_out=tuple(package.name for package, line in translated.items() if line is None),
    )


def _python(version: str) -> SpecifierSet:
    """Versions of Python that answer conda's words for one."""
    try:
        specifiers = SpecifierSet(pip_version(version))
    except InvalidSpecifier as error:
        raise EnvironmentFailed(f"python {version} is not a version of Python") from error
    pinned = [one.version for one in specifiers if one.operator == "=="]
    return python_release(pinned[0].removesuffix(".*")) if pinned else specifiers
