"""What a model was logged with, held against what its image gets: pip's packages, and the Python that logged it."""

from collections.abc import Iterator
from pathlib import Path

from reconciler.errors import BuildFailed
from reconciler.mlproject import CondaEnvironment, FolderFiles, ProjectInvalid, PythonEnvironment, names_of, read_logged
from reconciler.mlproject.packages import PYPI_NAMES
from reconciler.ports import Say

INSTALLERS = frozenset({"python", "pip", "setuptools", "wheel"})


def model_root(download: Path) -> Path:
    """The folder that holds MLmodel: the download itself, or a folder in it. Raises BuildFailed when there is none."""
    found = [folder for folder in (download, *sorted(download.iterdir())) if (folder / "MLmodel").is_file()]
    if not found:
        raise BuildFailed("the version's files hold no MLmodel", "register what mlflow.<flavour>.log_model logged")
    return found[0]


def check_model(folder: Path, called: str, say: Say) -> None:
    """Raises BuildFailed when a model asks conda for packages that the image would not have.

    MLflow builds serving images with pip alone, from the pip section of `conda.yaml` and with the Python that logged
    the model: https://mlflow.org/docs/latest/ml/docker/
    """
    files = FolderFiles(folder)
    try:
        conda, pip = read_logged(files)
    except ProjectInvalid as error:
        remedy = "log it again with an environment that pip can make"
        raise BuildFailed(f"{called} cannot be served: {error}", remedy) from error
    if conda is None or pip is None:
        return
    if lost := list(_lost(conda, pip)):
        what = f"{called} was logged with packages of conda that its image would not have: {', '.join(lost)}"
        remedy = "name what it needs in pip_requirements, or in the pip section of conda_env, and log it again"
        raise BuildFailed(what, remedy)
    if conda.python and pip.python and not _is_release(conda.python, pip.python):
        say(f"{called} asks conda for Python {conda.python}; it was logged by {pip.python}, which serves it")


def _lost(conda: CondaEnvironment, pip: PythonEnvironment) -> Iterator[str]:
    kept = names_of(pip.lines.requirements) | names_of(conda.lines.requirements)
    return (one.written or one.name for one in conda.packages if not (kept | INSTALLERS) & _called(one.name))


def _called(name: str) -> frozenset[str]:
    """Names that pip may have one of conda's packages under."""
    return names_of((name, PYPI_NAMES.get(name, name)))


def _is_release(asked: str, release: str) -> bool:
    """Whether a release of Python answers conda's words for one, as far as its first two numbers go."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    exact = asked.lstrip("=").removesuffix(".*")
    try:
        wanted = SpecifierSet(asked if asked[0] in "<>!~" else f"=={'.'.join(exact.split('.')[:2])}.*")
    except InvalidSpecifier:
        return True
    return wanted.contains(release)
