"""Whether an environment that exists already has what a folder needs."""

from collections.abc import Sequence
from importlib import metadata
from typing import Protocol

from packaging.requirements import Requirement
from packaging.version import Version

from reconciler.sandbox.needs import Needs, parse


class Installed(Protocol):
    """A Python environment, as far as its packages are concerned."""

    def version(self, name: str) -> str | None:
        """Version of an installed package; None when it is not there."""
        ...

    def requires(self, name: str) -> Sequence[str]:
        """What an installed package asks for, its extras' requirements included."""
        ...


class OwnEnvironment:
    """The environment of the running interpreter."""

    def version(self, name: str) -> str | None:
        """See Installed."""
        try:
            return metadata.version(name)
        except metadata.PackageNotFoundError:
            return None

    def requires(self, name: str) -> Sequence[str]:
        """See Installed."""
        return metadata.requires(name) or ()


def unmet(needs: Needs, installed: Installed, python: str) -> tuple[str, ...]:
    """What of `needs` an environment with the Python version `python` lacks, one line each."""
    other_python = () if needs.python.contains(python) else (f"python{needs.python}",)
    lines = tuple(line for line in needs.lines if not _line_is_met(line, installed))
    broken = tuple(line for line in needs.constraints if _is_broken(line, installed))
    return other_python + lines + broken


def _line_is_met(line: str, installed: Installed) -> bool:
    requirement = parse(line)
    return requirement is not None and requirement.url is None and _is_met(requirement, installed)


def _is_met(requirement: Requirement, installed: Installed, extra: str = "") -> bool:
    if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
        return True
    version = installed.version(requirement.name)
    if version is None or not requirement.specifier.contains(Version(version), prereleases=True):
        return False
    return all(_extra_is_met(requirement.name, wanted, installed) for wanted in requirement.extras)


def _extra_is_met(name: str, extra: str, installed: Installed) -> bool:
    asked = (Requirement(line) for line in installed.requires(name))
    return all(_is_met(one, installed, extra) for one in asked if one.marker and "extra" in str(one.marker))


def _is_broken(constraint: str, installed: Installed) -> bool:
    requirement = parse(constraint)
    version = installed.version(requirement.name) if requirement else None
    if requirement is None or version is None:
        return False
    return not requirement.specifier.contains(Version(version), prereleases=True)
