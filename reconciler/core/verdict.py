"""What the planner says of one project, and of the whole environment."""

from dataclasses import dataclass, replace
from enum import StrEnum

from reconciler.core.actions import Action, ProjectAction, ProvisionPlatform, Train
from reconciler.core.release import Release


class Sync(StrEnum):
    """Does the world agree with git?"""

    SYNCED = "Synced"
    OUT_OF_SYNC = "OutOfSync"
    UNKNOWN = "Unknown"


class Health(StrEnum):
    """Does what is there work? Ordered from best to worst."""

    HEALTHY = "Healthy"
    SUSPENDED = "Suspended"
    PROGRESSING = "Progressing"
    MISSING = "Missing"
    DEGRADED = "Degraded"

    @property
    def rank(self) -> int:
        """Higher is worse."""
        return list(Health).index(self)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that the reconciler cannot mend by itself."""

    what: str
    remedy: str = ""
    detail: str = ""
    """What was said elsewhere of it, such as the end of a log; lines."""
    expected: bool = False
    """Whether git itself asks for it, and it ends by itself: it is shown, and is no failure."""


@dataclass(frozen=True, slots=True)
class Pending:
    """Something under way in AWS that has to end before more can be decided."""

    what: str
    train: Train | None = None
    """The training that is under way; performing it again finds its job."""
    endpoint: str | None = None
    """Name of the endpoint that is changing."""
    project: str = ""
    release: Release | None = None
    """What the endpoint changes to, when that is what git asks for."""


@dataclass(frozen=True, slots=True)
class Part:
    """The verdict on one half of a project: its training or its deployment."""

    actions: tuple[ProjectAction, ...] = ()
    pending: tuple[Pending, ...] = ()
    problems: tuple[Problem, ...] = ()
    waits: tuple[str, ...] = ()
    """What will be done by a later run, and what it waits for."""
    synced: bool = True
    health: Health = Health.HEALTHY
    tolerated: tuple[ProjectAction, ...] = ()
    """What would bring back what drifted, and is left undone: `drift_policy` is `warn`."""


@dataclass(frozen=True, slots=True)
class ProjectPlan:
    """The verdict on one project."""

    name: str
    """Its title; of one that is not in the manifest any more, its name."""
    sync: Sync
    health: Health
    actions: tuple[ProjectAction, ...] = ()
    pending: tuple[Pending, ...] = ()
    problems: tuple[Problem, ...] = ()
    waits: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    """What a person should know although nothing is wrong."""
    held: tuple[ProjectAction, ...] = ()
    """Actions that a guard withholds; `refusals` says why."""
    refusals: tuple[Problem, ...] = ()
    tolerated: tuple[ProjectAction, ...] = ()
    """What would bring back what drifted, and is left undone: `drift_policy` is `warn`."""
    desired_version: int | None = None
    live_version: int | None = None
    was: str = ""
    """The name by which AWS and MLflow know it, when that is another."""
    paused: str = ""
    """Until when it is left as it is, and why; empty: it is not."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything to do, and everything to know, in one environment."""

    platform: ProvisionPlatform | None
    projects: tuple[ProjectPlan, ...]
    problems: tuple[Problem, ...] = ()
    """Of the environment as a whole."""
    notes: tuple[str, ...] = ()
    """What a person should know of the environment although nothing is wrong."""
    held: ProvisionPlatform | None = None
    """The platform's action that a guard withholds; `refusals` says why."""
    refusals: tuple[Problem, ...] = ()

    def without_platform(self, *refusals: Problem) -> "Plan":
        """The plan without what there is to do for the platform, and why; the same when that is nothing."""
        if self.platform is None:
            return self
        return replace(self, platform=None, held=self.platform, refusals=(*self.refusals, *refusals))

    @property
    def actions(self) -> tuple[Action, ...]:
        """Every action, the platform's first."""
        first: tuple[Action, ...] = (self.platform,) if self.platform else ()
        return first + tuple(action for project in self.projects for action in project.actions)

    @property
    def troubled(self) -> bool:
        """Whether anything is wrong that no action of this plan mends, and that nobody said is known."""
        known = Health.SUSPENDED
        return bool(self.problems) or any(one.problems for one in self.projects if one.health is not known)

    @property
    def pending(self) -> bool:
        """Whether git and the world differ in anything that an action is known for, done or left undone."""
        return bool(self.actions) or any(project.tolerated for project in self.projects)

    @property
    def refused(self) -> bool:
        """Whether a guard withholds anything that git did not ask it to."""
        refusals = (*self.refusals, *(one for project in self.projects for one in project.refusals))
        return not all(one.expected for one in refusals)
