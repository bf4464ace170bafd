"""What the world holds: Terraform state, SageMaker, Batch, ECR and the MLflow registry, as read in one run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from reconciler.core.alarms import Alarm, alarms_in
from reconciler.core.desired import Endpoint
from reconciler.core.homes import Home, Thing
from reconciler.core.release import Origin, Release

Spec = Mapping[str, Any]
"""What a stack was last applied with: its output `spec`, plain JSON values."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A source that could not be read whole: nothing may be concluded from what is missing in it."""

    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class Serving:
    """An endpoint configuration, as far as a manifest can say it."""

    endpoint: Endpoint | None
    """None: in a way that no manifest can say."""
    variant: str = ""
    """Of its first production variant."""


@dataclass(frozen=True, slots=True)
class Adoption:
    """What `reconcile adopt` noted on an endpoint that somebody else made."""

    configuration: str
    """Name of the endpoint configuration that it served then."""
    version: int
    """Model version that this is."""
    endpoint: Endpoint | None
    """How it is served; None: in a way that no manifest can say."""
    variant: str
    identity: str = ""
    """Of the version's origin; empty: nobody noted it."""


@dataclass(frozen=True, slots=True)
class Stray:
    """Something in AWS under our names that no Terraform state holds."""

    thing: Thing
    home: Home | None
    """Where it would belong by its name; None: nowhere."""
    ours: bool
    """Whether it has our tags. Without them it is somebody else's."""
    adoption: Adoption | None = None
    owner: str = ""
    """What its tags say of whose it is, if it is not ours."""


@dataclass(frozen=True, slots=True)
class TrainingStack:
    """Terraform state of a project's training stack."""

    spec: Spec


@dataclass(frozen=True, slots=True)
class DeploymentStack:
    """Terraform state of a project's deployment stack."""

    spec: Spec
    releases: tuple[Release, ...] = ()
    """Retained releases, the most recently live first."""
    live: str | None = None
    """Name of the release that was last *asked for*; what really serves is the endpoint's to say."""
    guardrails: Mapping[str, Any] | None = None
    """SageMaker's DeploymentConfig that the endpoint should have; None for a serverless one."""


ANSWERING = frozenset({"InService", "Updating", "SystemUpdating", "RollingBack", "UpdateRollbackFailed"})
"""Endpoint statuses in which some release answers. One that is Creating has none yet, and to one that is Failed nothing
can be sent: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeEndpoint.html"""
PASSING = frozenset({"Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"})
"""Endpoint statuses that end by themselves (SageMaker DescribeEndpoint)."""


@dataclass(frozen=True, slots=True)
class LiveEndpoint:
    """A SageMaker endpoint as DescribeEndpoint gives it."""

    name: str
    status: str
    configuration: str
    """Name of the endpoint configuration that really serves."""
    failure: str | None = None
    guarded: bool = True
    """Whether it has guardrails: an update made without them, by somebody else, takes them away."""
    instances: int | None = None
    """Instances that it is meant to have now, by its configuration or by autoscaling; None for a serverless one."""
    coming: str = ""
    """Name of the endpoint configuration that it changes to; empty while it does not."""
    overdue: bool = False
    """Whether it has been in a passing state for longer than any change of ours takes."""
    modified: float = field(default=0.0, compare=False)
    """When it changed last, in seconds since the epoch; nothing is planned on it."""
    alarms: tuple[str, ...] = field(default=(), compare=False)
    """Names of the alarms that roll an update of it back; nothing is planned on them."""
    changing_since: float = field(default=0.0, compare=False)
    """When the change began that is under way, in seconds since the epoch; 0 while there is none."""

    @property
    def passing(self) -> bool:
        """Whether its status ends by itself."""
        return self.status in PASSING

    @property
    def answers(self) -> bool:
        """Whether requests are answered, by whatever release."""
        return self.status in ANSWERING

    @property
    def serves_since(self) -> float:
        """When what serves came into service, in seconds since the epoch; 0: nobody knows.

        An update that was rolled back, of which the reason is left, changed the endpoint as well.
        """
        return 0.0 if self.failure else self.modified


class JobStatus(StrEnum):
    """Life of a Batch job, as the planner needs it."""

    ACTIVE = "active"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Job:
    """A Batch job of ours."""

    id: str
    project: str
    digest: str
    """First 12 hex digits of the source digest."""
    status: JobStatus
    created: int
    """Milliseconds since the epoch."""
    reason: str = ""
    stopped: int = field(default=0, compare=False)
    """When it ended, in milliseconds since the epoch; 0 while it has not, or when Batch does not say."""
    log: str = field(default="", compare=False)
    """The end of the log of its newest failing attempt; read of a failed job that nothing else explains."""
    log_unread: str = field(default="", compare=False)
    """Why the log could not be read."""


class RunStatus(StrEnum):
    """Status of an MLflow run."""

    RUNNING = "RUNNING"
    SCHEDULED = "SCHEDULED"
    FINISHED = "FINISHED"
    FAILED = "FAILED"
    KILLED = "KILLED"

    @property
    def open(self) -> bool:
        """Whether the run has not ended."""
        return self in (RunStatus.RUNNING, RunStatus.SCHEDULED)


@dataclass(frozen=True, slots=True)
class Noted:
    """What is noted on a run of the version that it made."""

    number: int = 0
    """0: none was seen yet."""
    model: str = ""
    """Registered model that it is of."""
    run: str = ""
    """The run that it is of: the one that it is noted on, or one nested in that."""


@dataclass(frozen=True, slots=True)
class TrainingRun:
    """An MLflow run that the reconciler started for a source digest."""

    id: str
    digest: str
    """64 hex digits."""
    revision: int
    status: RunStatus
    started: int
    """Milliseconds since the epoch."""
    logged_models: tuple[str, ...] = ()
    """Ids of the models that the run logged."""
    job: str = ""
    """Id of the Batch job that executes it; empty while none is known to."""
    announced: int = 0
    """When somebody last went to submit a job for it, in milliseconds since the epoch; 0 when nobody did."""
    commit: str = ""
    """The commit that its source was exported from; empty when nobody noted it."""
    attempt: int = 1
    """Which attempt of its job it is of: each has a run of its own."""
    first: str = ""
    """The run of the job's first attempt; empty for that one itself."""
    # What is noted on it moves no plan: an approved one is not refused because somebody noted what everybody could see.
    registered: Noted | None = field(default=None, compare=False)
    """The version that was once seen of it; None: it was begun by a program that noted none."""
    ending: str = field(default="", compare=False)
    """Why its job failed; empty when nobody noted it."""
    ended: int = field(default=0, compare=False)
    """When it ended, in milliseconds since the epoch; 0 while it has not."""
    log: str = field(default="", compare=False)
    """The end of its job's log, when that failed and somebody noted it."""
    asked: str = field(default="", compare=False)
    """Parameters that somebody gave it by hand, in JSON; empty: it had what the manifest said."""
    nested: frozenset[str] = field(default=frozenset(), compare=False)
    """Runs within it, at any depth; read of a finished run that no version is of."""
    nested_models: int = field(default=0, compare=False)
    """How many models those logged."""


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """A version in the MLflow registry that is ready to be served."""

    number: int
    run_id: str
    model_id: str = ""
    """MLflow's id of the logged model; empty when it was logged before MLflow 3."""
    created: int = 0
    """When it was registered, in milliseconds since the epoch; 0: not known."""
    source: str = field(default="", compare=False)
    """Where its files are, as MLflow says; nothing is planned on it."""

    @property
    def origin(self) -> Origin:
        """What it was made of."""
        return Origin(self.run_id, self.model_id, self.created)


@dataclass(frozen=True, slots=True)
class StoredImage:
    """An image in ECR."""

    digest: str = ""
    """`sha256:` and 64 hex digits."""
    pushed: float = 0.0
    """When it was pushed, in seconds since the epoch; 0: not known."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A release that AWS took and then rolled back or failed: not tried again until the pin changes."""

    release: str
    reason: str
    since: str
    """UTC, ISO 8601."""
    log: str = ""
    """The end of the endpoint's log at the time."""
    served_before: bool = False
    """Whether it had served before: what was wrong then was not the release."""


@dataclass(frozen=True, slots=True)
class Network:
    """Where jobs and models run inside a VPC."""

    vpc_id: str
    subnet_ids: tuple[str, ...]
    security_group_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlatformStack:
    """Terraform state of the platform stack."""

    spec: Spec
    network: Network | None = None
    """None when the stack never came to its end."""


@dataclass(frozen=True, slots=True)
class ServerStack:
    """Terraform state of the MLflow server's stack."""

    spec: Spec
    network: Network | None = None
    vpn_endpoint_id: str = ""
    """Empty: there is no VPN."""


@dataclass(frozen=True, slots=True)
class ObservedProject:
    """All that is known of one project."""

    name: str
    training: TrainingStack | None = None
    deployment: DeploymentStack | None = None
    endpoint: LiveEndpoint | None = None
    jobs: tuple[Job, ...] = ()
    runs: tuple[TrainingRun, ...] = ()
    versions: tuple[ModelVersion, ...] = ()
    training_images: frozenset[str] = frozenset()
    """Tags in the project's training repository."""
    model_images: Mapping[str, StoredImage] = field(default_factory=dict)
    """What is in the project's model repository, by tag."""
    refusals: tuple[Refusal, ...] = ()
    metrics: Mapping[str, float] = field(default_factory=dict)
    """What the pinned version's run logged, by name."""
    strays: tuple[Stray, ...] = ()
    """What exists under the project's names and is in none of its states."""
    unread: tuple[Unread, ...] = ()
    firing: tuple[Alarm, ...] = field(default=(), compare=False)
    """Those of its endpoint's rollback alarms that fire. They come and go: a plan that was made before still holds."""

    @property
    def rollback_alarms(self) -> tuple[str, ...]:
        """Names of the alarms that roll an update of its endpoint back, sorted.

        They are those that the stack gives it, also where its last update went without, and those that it has from
        somebody else.
        """
        if self.endpoint is None:
            return ()
        ours = alarms_in(self.deployment.guardrails) if self.deployment else ()
        return tuple(sorted({*ours, *self.endpoint.alarms}))


@dataclass(frozen=True, slots=True)
class ObservedState:
    """The environment as it was read."""

    account: str
    platform: PlatformStack | None = None
    """None when it was never applied."""
    server: ServerStack | None = None
    """None when no MLflow server of our own was ever applied."""
    projects: Mapping[str, ObservedProject] = field(default_factory=dict)
    """Every project that is desired, or that left a trace in Terraform state, by name."""
    unread: tuple[Unread, ...] = ()
    """Sources that every project depends on and that could not be read whole."""
    strays: tuple[Stray, ...] = field(default=(), compare=False)
    """What exists under our names and belongs to none of these projects; nothing is planned on it."""
    unsearched: tuple[Unread, ...] = field(default=(), compare=False)
    """Why there may be more strays."""
    at: int = field(default=0, compare=False)
    """When it was read, in milliseconds since the epoch: how long ago something failed is told from it."""
