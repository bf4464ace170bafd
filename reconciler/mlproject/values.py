"""An MLflow project as values, and what may be wrong with its files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol


class Files(Protocol):
    """The files of a project's folder: those of a commit, or those of an exported copy."""

    @property
    def names(self) -> Sequence[str]:
        """Every file, relative to the folder, with forward slashes, sorted; links are files."""
        ...

    def read(self, name: str) -> bytes | None:
        """What a file holds; None when there is none of that name, or when it is a link that leads out."""
        ...


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that cannot work."""

    file: str
    """Relative to the project's folder."""
    line: int
    """The first is 1."""
    key: str
    """Such as `entry_points.main.parameters.seed`; empty for the whole file, or for a line that has no key."""
    what: str
    """What is wrong, and what to do."""


class ProjectInvalid(ValueError):
    """The project cannot run; `faults` holds every reason."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(f"{one.file}:{one.line}: {one.what}" for one in faults))
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of an entry point."""

    name: str
    type: str
    """`string`, `float`, `path` or `uri` (MLflow); other words are text to MLflow, and kept as they are written."""
    default: str | None
    """As MLflow hands it over; None: it has to be given."""
    line: int


@dataclass(frozen=True, slots=True)
class EntryPoint:
    """One of the commands that an MLproject names."""

    name: str
    command: str
    parameters: Mapping[str, Parameter]
    line: int


@dataclass(frozen=True, slots=True)
class PythonEnvironment:
    """A Python and what pip installs into it."""

    python: str = ""
    """`3.11` or `3.11.9`; empty: the project does not say."""
    build_dependencies: tuple[str, ...] = ()
    dependencies: tuple[str, ...] = ()
    """Lines of a requirements file; those that name files are relative to the project's folder."""
    file: str = ""
    """Where it is written; empty: nowhere."""


@dataclass(frozen=True, slots=True)
class CondaEnvironment:
    """What conda installs, Python included."""

    file: str
    python: str = ""
    """`3.11` or `3.11.9`; empty: conda chooses."""


Environment = PythonEnvironment | CondaEnvironment


@dataclass(frozen=True, slots=True)
class MLProject:
    """What an MLproject file says."""

    file: str
    """`MLproject`, in any mixture of capitals."""
    name: str
    entry_points: Mapping[str, EntryPoint]
    environment: Environment = field(default_factory=PythonEnvironment)
