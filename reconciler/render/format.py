"""Everything that a plan file may hold. An allow-list: what has no place on this page is written nowhere.

The published schema (`reconcile schema --of plan`) is made from this page, and a plan file is read by it.
"""

from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Final, Literal

FORMAT: Final = 2


class _Closed:
    """No other keys than the fields, and no other types."""

    __slots__ = ()
    __pydantic_config__: ClassVar[dict[str, Any]] = {
        "extra": "forbid",
        "strict": True,
        "use_attribute_docstrings": True,
    }


@dataclass(frozen=True, slots=True)
class _Matching:
    """A text of one pattern. pydantic asks for it; what only writes plans never loads pydantic."""

    pattern: str

    def __get_pydantic_core_schema__(self, _source: Any, _handler: Any) -> Any:
        from pydantic_core import core_schema

        return core_schema.str_schema(pattern=self.pattern, strict=True)


Name = Annotated[str, _Matching(r"^[a-z0-9][a-z0-9_-]*$")]
"""Of a project, or of a field."""
FirstName = Annotated[str, _Matching(r"^([a-z][a-z0-9-]*)?$")]
Digest = Annotated[str, _Matching(r"^[0-9a-f]{64}$")]
Commit = Annotated[str, _Matching(r"^([0-9a-f]{40})?$")]
Account = Annotated[str, _Matching(r"^[0-9]{12}$")]


@dataclass(frozen=True, slots=True)
class Problem(_Closed):
    """Something that a person has to know."""

    what: str
    remedy: str
    """What to do about it."""
    detail: str
    """What was said elsewhere of it, such as the end of an endpoint's log."""


@dataclass(frozen=True, slots=True)
class Action(_Closed):
    """One thing to do."""

    action: Annotated[str, _Matching("^[A-Za-z]+$")]
    """Its kind, such as `Deploy`."""
    what: str
    why: str
    cause: Literal["CHANGED", "DRIFTED"]
    """Git moved, or the world did while git did not."""
    details: list[str]
    """What differs, one line for each field; the values of some are not shown."""
    rollback: bool


@dataclass(frozen=True, slots=True)
class Project(_Closed):
    """The verdict on one project, and what there is to do for it."""

    name: Name
    was: FirstName
    """What AWS and MLflow know it by; empty: its name."""
    sync: Literal["Synced", "OutOfSync", "Unknown"]
    health: Literal["Healthy", "Suspended", "Progressing", "Missing", "Degraded"]
    paused: str
    """Until when it is left as it is, and why; empty: it is not."""
    live_version: int | None
    desired_version: int | None
    actions: list[Action]
    pending: list[str]
    """What is under way in AWS and has to end first."""
    waits: list[str]
    """What a later run will do."""
    problems: list[Problem]
    held: list[Action]
    """What a guard withholds."""
    refusals: list[Problem]
    """Why it does."""
    tolerated: list[Action]
    """What would bring back what drifted, and is left undone: the drift policy is `warn`."""
    notes: list[str]


@dataclass(frozen=True, slots=True)
class Counts(_Closed):
    """How many of each kind there are to do."""

    train: int
    deploy: int
    update: int
    rollback: int
    """Part of `update`."""
    repair: int
    retire: int
    """Projects."""
    provision: int


@dataclass(frozen=True, slots=True)
class Chosen(_Closed):
    """What somebody chose that shapes the plan: names of projects."""

    projects: list[Name]
    """Only these; empty: all."""
    allow_retire: list[str]
    train: list[Name]
    """Train once more although nothing changed."""
    retry: list[Name]
    """Try a refused release again."""
    despite_alarm: list[Name] = field(default_factory=list)
    """Update the endpoint although an alarm fires that would roll the update back."""
    parameters: dict[str, str] = field(default_factory=dict)
    """What the training that was asked for is given otherwise than the manifest says."""


@dataclass(frozen=True, slots=True)
class Side(_Closed):
    """Digests of one value, by field: of the environment, and of each project."""

    environment: dict[Name, Digest]
    projects: dict[Name, dict[Name, Digest]]


@dataclass(frozen=True, slots=True)
class Basis(_Closed):
    """What has to be the same when the plan is applied."""

    commit: Commit
    """Of git's HEAD; empty when the manifest has no project."""
    desired: Side
    observed: Side
    plan: Side


@dataclass(frozen=True, slots=True)
class Stopped(_Closed):
    """The step that stopped a project."""

    step: str
    what: str
    remedy: str
    detail: str


@dataclass(frozen=True, slots=True)
class Outcome(_Closed):
    """What became of one project's actions."""

    done: list[str]
    skipped: list[str]
    """Not begun."""
    failed: Stopped | None
    busy: Stopped | None
    """Somebody else's change was under way."""
    submitted: list[str] = field(default_factory=list)
    """Begun and not waited for."""


@dataclass(frozen=True, slots=True)
class Plan(_Closed):
    """A plan, and with `report`, what became of it."""

    format: Literal[2]
    platform: str
    environment: str
    region: str
    account: Account
    options: Chosen
    basis: Basis
    summary: str
    pending: bool
    """Whether applying would do anything; what a guard withholds or something waits for is not done."""
    counts: Counts
    platform_actions: list[Action]
    platform_held: list[Action]
    """What a guard withholds of the platform."""
    platform_refusals: list[Problem]
    """Why it does."""
    projects: list[Project]
    problems: list[Problem]
    """Of the environment as a whole."""
    notes: list[str]
    report: dict[Name, Outcome] | None
    """By project, and `platform`; null: nothing was carried out."""
    digest: Digest
    """Over everything else in this document, as canonical JSON: it tells a file that was cut short or edited."""


@dataclass(frozen=True, slots=True)
class Run(_Closed):
    """A run that carried plans out: one, and with `--wait` those that followed from it."""

    format: Literal[2]
    rounds: list[Plan]
    digest: Digest


@dataclass(frozen=True, slots=True)
class Error(_Closed):
    """Why there is no plan."""

    what: str
    remedy: str
    exit_code: int
    detail: str = ""
    """What was said elsewhere of it, such as the end of a log."""


@dataclass(frozen=True, slots=True)
class Failure(_Closed):
    """Planning, or what came before it, failed. What was not known by then is null."""

    format: Literal[2]
    platform: str | None
    environment: str | None
    region: str | None
    error: Error
    digest: Digest


Document = Plan | Run | Failure
