"""Everything that the program can do to the world, on one page.

An action is a value: it carries its project, its reason, and the before and after it needs. It has no behaviour and
decides nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from reconciler.core.alarms import RollbackAlarms
from reconciler.core.desired import Source
from reconciler.core.digest import LATER
from reconciler.core.observed import ModelVersion, Spec
from reconciler.core.release import Release


class Cause(StrEnum):
    """Why there is something to do."""

    CHANGED = "CHANGED"
    """Git moved."""
    DRIFTED = "DRIFTED"
    """The world moved while git did not."""


@dataclass(frozen=True, slots=True)
class Change:
    """One field that differs."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class ProvisionPlatform:
    """Apply the platform stack: compute environments, queues, network."""

    reason: str
    spec: Spec
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class RetirePlatform:
    """Destroy the platform stack, once no project and no job needs it."""

    reason: str


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """Apply the stack that everything stands on: state bucket, and the roles that GitHub's workflows take."""

    reason: str
    spec: Spec
    first: bool
    """Whether its state is not in the bucket yet."""
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class RetireBootstrap:
    """Destroy the state bucket and the roles."""

    reason: str
    spec: Spec


@dataclass(frozen=True, slots=True)
class ProvisionServer:
    """Apply the MLflow server's stack; without an image, what has to stand before one can be pushed."""

    reason: str
    spec: Spec
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class BuildServerImage:
    """Build the MLflow server's image, and push it."""

    reason: str
    image: str


@dataclass(frozen=True, slots=True)
class RetireServer:
    """Destroy the MLflow server with its database, its artifacts and its VPN."""

    reason: str
    spec: Spec


@dataclass(frozen=True, slots=True)
class ProvisionTraining:
    """Apply a project's training stack: repository, job definition, role, logs."""

    project: str
    reason: str
    spec: Spec
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class BuildTrainingImage:
    """Build the image of a source digest from a clean export, and push it."""

    project: str
    reason: str
    source: Source
    image: str


@dataclass(frozen=True, slots=True)
class Train:
    """Start, or find again, the Batch job of a source digest."""

    project: str
    reason: str
    model: str
    digest: str
    revision: int
    commit: str
    job: str
    queue: str
    definition: str
    ended: tuple[str, ...] = ()
    """Ids of the source's jobs that had ended when this was planned: none of them is this training."""
    asked: str = field(default="", metadata=LATER)
    """All parameters in JSON, when somebody gave some by hand; empty: the job definition's."""


@dataclass(frozen=True, slots=True)
class RegisterModel:
    """Register the one model that a finished run logged and did not register itself."""

    project: str
    reason: str
    model: str
    run_id: str
    logged_model: str


@dataclass(frozen=True, slots=True)
class ProvisionDeployment:
    """Apply a project's deployment stack without an endpoint: the repository that its images need first."""

    project: str
    reason: str
    spec: Spec


@dataclass(frozen=True, slots=True)
class BuildModelImage:
    """Build the serving image of a registered version, and push it."""

    project: str
    reason: str
    model: str
    version: ModelVersion
    """As it was when this was planned: nothing else is built."""
    image: str
    cause: Cause = Cause.CHANGED
    """That of what it is built for."""


@dataclass(frozen=True, slots=True)
class Deploy:
    """Create the project's endpoint."""

    project: str
    reason: str
    spec: Spec
    after: Release


@dataclass(frozen=True, slots=True)
class Update:
    """Point the endpoint at another release: a new version, a new serving configuration, or a rollback."""

    project: str
    reason: str
    spec: Spec
    before: Release | None
    after: Release
    rollback: bool = False
    changes: tuple[Change, ...] = ()
    alarms: RollbackAlarms = field(default=RollbackAlarms(), compare=False)
    """Which fire is seen when it begins: a plan that was made before still holds."""
    served_before: bool = field(default=False, compare=False)
    """Whether `after` has served before."""


@dataclass(frozen=True, slots=True)
class Repair:
    """Bring back what was applied before: the world moved, git did not."""

    project: str
    reason: str
    spec: Spec
    after: Release
    alarms: RollbackAlarms = field(default=RollbackAlarms(), compare=False)


@dataclass(frozen=True, slots=True)
class RestoreGuardrails:
    """Give the endpoint its guardrails back, on what it serves now: Terraform could only replace it by a new one."""

    project: str
    reason: str
    configuration: str
    guardrails: Mapping[str, Any]
    cause: Cause = Cause.DRIFTED
    """CHANGED when an update needs them, which would make the endpoint anew otherwise."""


@dataclass(frozen=True, slots=True)
class RetireDeployment:
    """Destroy a project's endpoint and all that serves it."""

    project: str
    reason: str


@dataclass(frozen=True, slots=True)
class RetireTraining:
    """Stop a project's jobs and destroy its training stack. Its model versions stay in MLflow."""

    project: str
    reason: str
    jobs: tuple[str, ...] = ()
    """Ids of the jobs that are still active."""


ProjectAction = (
    ProvisionTraining
    | BuildTrainingImage
    | Train
    | RegisterModel
    | ProvisionDeployment
    | BuildModelImage
    | Deploy
    | Update
    | Repair
    | RestoreGuardrails
    | RetireDeployment
    | RetireTraining
)
PlatformAction = (
    Bootstrap | RetireBootstrap | ProvisionServer | BuildServerImage | RetireServer | ProvisionPlatform | RetirePlatform
)
Action = PlatformAction | ProjectAction


def cause(action: Action) -> Cause:
    """Whether git moved or the world did."""
    match action:
        case Repair():
            return Cause.DRIFTED
        case BuildModelImage(cause=known) | RestoreGuardrails(cause=known):
            return known
        case _:
            return Cause.CHANGED
