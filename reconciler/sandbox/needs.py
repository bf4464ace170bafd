"""What a folder asks of its Python environment."""

from dataclasses import dataclass, field, replace

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName, canonicalize_name

BUILD_TOOLS = frozenset(map(canonicalize_name, ("pip", "setuptools", "wheel")))
"""They install packages; what is installed already does not miss them."""


class EnvironmentFailed(RuntimeError):
    """A folder's Python environment cannot be had; the text is one line that says why.

    `output` is all that the program said which could not make it.
    """

    def __init__(self, reason: str, output: str = "") -> None:
        super().__init__(reason)
        self.output = output


@dataclass(frozen=True, slots=True)
class Needs:
    """What an environment must hold to run the code in a folder."""

    python: SpecifierSet = field(default_factory=SpecifierSet)
    """Versions of Python that will do."""
    lines: tuple[str, ...] = ()
    """Requirements as pip writes them."""
    constraints: tuple[str, ...] = ()
    """Versions that hold for a package only if something else brings it in."""
    options: tuple[str, ...] = ()
    """Options that say where packages come from, such as `--index-url …`."""
    build: tuple[str, ...] = ()
    """Tools that are needed only where something is installed."""
    uncertain: frozenset[NormalizedName] = frozenset()
    """Packages named by conda, which PyPI may not know."""
    left_out: tuple[str, ...] = ()
    """What conda would have installed and PyPI cannot."""

    def without(self, names: frozenset[NormalizedName]) -> "Needs":
        """The same, less the packages `names`."""
        lines = tuple(line for line in self.lines if name_of(line) not in names)
        return replace(self, lines=lines, uncertain=self.uncertain - names)


def parse(line: str) -> Requirement | None:
    """The requirement that a line states; None for a path or an address."""
    try:
        return Requirement(line.partition(" --")[0])
    except InvalidRequirement:
        return None


def name_of(line: str) -> NormalizedName | None:
    """The package that a line names; None for a path or an address without a name."""
    requirement = parse(line)
    return canonicalize_name(requirement.name) if requirement else None


def python_release(version: str) -> SpecifierSet:
    """What `3.11.7` or `3.11` asks for: any patch level, since patch levels do not differ in what they can run."""
    release = version.strip().split(".")[:2]
    return SpecifierSet(f"=={'.'.join(release)}.*")
