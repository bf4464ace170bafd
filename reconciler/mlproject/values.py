"""An MLflow project as values, and what may be wrong with its files."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

LONGEST_SHOWN = 80
"""Characters of a value that is shown."""


def on_one_line(text: str) -> str:
    """The text with whatever cannot be printed written as Python does."""
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in text)


def shown(value: str) -> str:
    """A value in quotes, as a message shows it."""
    return repr(value if len(value) <= LONGEST_SHOWN else f"{value[:LONGEST_SHOWN]}…")


def leads_out(path: str) -> bool:
    """Whether a normal path leads out of the folder that it is relative to."""
    return path == ".." or path.startswith(("../", "/"))


class Files(Protocol):
    """The files of a project's folder: those of a commit, or those of an exported copy."""

    @property
    def names(self) -> Sequence[str]:
        """Every file, relative to the folder, with forward slashes, sorted; links are files."""
        ...

    def read(self, name: str) -> bytes | None:
        """What a file holds; None when there is none of that name, or when it is a link that leads out."""
        ...


def holds(files: Files, name: str) -> bool:
    """Whether there is a file of that name, be it behind a link to a folder."""
    return name in files.names or files.read(name) is not None


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

    def __str__(self) -> str:
        """On one line, whatever the names of files are: CI takes lines that begin with `::` for commands."""
        return on_one_line(f"{self.file}:{self.line}: {self.key + ': ' if self.key else ''}{self.what}")


class ProjectInvalid(ValueError):
    """The project cannot run; `faults` holds every reason."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(map(str, faults)))
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
class PipLines:
    """What pip is given, and all that stands in the files that it refers to, by kind."""

    requirements: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    """Versions that hold for a package only if something else brings it in."""
    options: tuple[str, ...] = ()
    """Such as `--index-url …`."""

    def __add__(self, other: "PipLines") -> "PipLines":
        return PipLines(
            self.requirements + other.requirements,
            self.constraints + other.constraints,
            self.options + other.options,
        )

    @classmethod
    def joined(cls, parts: "Iterable[PipLines]") -> "PipLines":
        """All of them, in order."""
        listed = tuple(parts)
        return cls(
            tuple(line for one in listed for line in one.requirements),
            tuple(line for one in listed for line in one.constraints),
            tuple(line for one in listed for line in one.options),
        )


@dataclass(frozen=True, slots=True)
class PythonEnvironment:
    """A Python and what pip installs into it."""

    python: str = ""
    """`3.11` or `3.11.9`; empty: the project does not say."""
    build_dependencies: tuple[str, ...] = ()
    dependencies: tuple[str, ...] = ()
    """As they are written: lines of a requirements file that stands in the project's folder."""
    build: PipLines = PipLines()
    lines: PipLines = PipLines()
    """What both amount to."""
    file: str = ""
    """Where it is written; empty: nowhere."""


@dataclass(frozen=True, slots=True)
class CondaPackage:
    """One of the packages that conda is asked for.

    https://docs.conda.io/projects/conda/en/stable/user-guide/concepts/pkg-specs.html#package-match-specifications
    """

    name: str
    version: str = ""
    """As conda writes it: `1.2`, `1.2.*`, `>=1.2,<2`, `==1.2`, `1.2|1.3`; empty: any."""
    build: str = ""
    written: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class CondaEnvironment:
    """What conda installs, Python included."""

    file: str
    packages: tuple[CondaPackage, ...] = ()
    lines: PipLines = PipLines()
    """What the pip section amounts to."""

    @property
    def python(self) -> str:
        """Its version as conda writes it; empty: conda chooses."""
        return next((one.version for one in self.packages if one.name == "python"), "")

    @property
    def has_builds(self) -> bool:
        """Whether it names builds of the machine that it was exported on; `*cuda*` is a choice."""
        return any(one.build and "*" not in one.build for one in self.packages)


Environment = PythonEnvironment | CondaEnvironment


@dataclass(frozen=True, slots=True)
class MLProject:
    """What an MLproject file says."""

    file: str
    """`MLproject`, in any mixture of capitals."""
    name: str
    entry_points: Mapping[str, EntryPoint]
    environment: Environment = field(default_factory=PythonEnvironment)
    notes: tuple[str, ...] = ()
    """What a person should know although the project can run."""
