"""What conda would install, as far as PyPI has it under the same or a well-known other name."""

from packaging.requirements import InvalidRequirement, Requirement

from reconciler.mlproject import CondaPackage
from reconciler.mlproject.conda import is_python
from reconciler.mlproject.packages import NOT_PYTHON, PYPI_NAMES


def translate(package: CondaPackage) -> str | None:
    """The pip requirement for one of conda's packages; None where there is none."""
    name = package.name
    if name in NOT_PYTHON or name.startswith(("_", "r-")) or is_python(package) is False:
        return None
    requirement = PYPI_NAMES.get(name, name) + pip_version(package.version)
    try:
        Requirement(requirement)
    except InvalidRequirement:
        return None
    return requirement


def pip_version(version: str) -> str:
    """A pip version specifier for conda's `1.2`, `1.2.*`, `1.2*`, `>=1,<2`; of alternatives, for the last."""
    chosen = version.rpartition("|")[2]
    if not chosen or chosen == "*":
        return ""
    if chosen[0] in "<>!~":
        return chosen
    exact = chosen.lstrip("=")
    return f"=={exact.rstrip('.*')}.*" if exact.endswith("*") else f"=={exact}"
