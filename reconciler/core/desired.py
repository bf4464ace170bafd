"""What git asks for: the desired state that a manifest and the project folders resolve to."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from reconciler.core.digest import LATER
from reconciler.core.freeze import Window
from reconciler.core.restraint import Pause, Requires
from reconciler.core.server import Server


class Compute(StrEnum):
    """Where a training job runs; each is one kind of Batch compute environment."""

    FARGATE = "fargate"
    FARGATE_SPOT = "fargate_spot"
    ON_DEMAND = "on_demand"
    SPOT = "spot"

    @property
    def serverless(self) -> bool:
        """Whether AWS brings the host, and with it its own rules on vCPU and memory."""
        return self in (Compute.FARGATE, Compute.FARGATE_SPOT)


class Run(StrEnum):
    """When a project is trained."""

    ON_CHANGE = "on_change"
    """Whenever the source digest has no registered version."""
    MANUAL = "manual"
    """Only for a new `revision`, or when somebody says `reconcile train`."""


Pairs = tuple[tuple[str, str], ...]
"""Names and texts."""


@dataclass(frozen=True, slots=True)
class Resources:
    """What one training job needs."""

    vcpu: float
    memory: int
    """MiB"""
    gpu: int = 0


@dataclass(frozen=True, slots=True)
class Source:
    """What git tracks in a project's folder at HEAD."""

    path: str
    """Relative to the project root, with forward slashes."""
    digest: str
    """64 hex digits over the folder's git tree and the manifest's `revision`."""
    commit: str
    """40 hex digits: the commit that the source is exported from."""
    uncommitted: tuple[str, ...] = field(default=(), compare=False)
    """Files of the folder that differ from the commit; they are part of no digest and of nothing that is done."""
    ignored: tuple[str, ...] = field(default=(), compare=False)
    """Files of the folder that git ignores, less those that everybody lets it ignore; they are part of nothing."""
    notes: tuple[str, ...] = field(default=(), compare=False)
    """What a person should know of the project's files although they can run."""
    parameters: Pairs = field(default=(), compare=False)
    """The type of each parameter that the entry point knows, by name."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the code of a training is given, which is a part of what is trained."""

    entry_point: str = ""
    """Of MLproject; empty: main."""
    parameters: Pairs = ()
    """Of the entry point."""
    env: Pairs = ()
    """Variables of the job."""

    @property
    def digest(self) -> str:
        """64 hex digits; empty when nothing is given."""
        if self == Inputs():
            return ""
        text = json.dumps([self.entry_point, self.parameters, self.env], separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Training:
    """How a project is trained."""

    resources: Resources
    compute: Compute
    timeout: int
    """Seconds for one attempt, at least 60 (AWS Batch)."""
    attempts: int
    """1 to 10 (AWS Batch)."""
    run: Run = Run.ON_CHANGE
    revision: int = 0
    schedule: str = ""
    """EventBridge Scheduler's `cron(…)` or `rate(…)`, UTC; empty: no trainings by the clock."""
    policy: str = ""
    """IAM policy template of the job role, JSON with `${…}` variables (`core/policy.py`); empty: the default."""
    inputs: Inputs = field(default=Inputs(), metadata=LATER)
    secrets: Pairs = field(default=(), metadata=LATER)
    """Variables of a job, and where AWS Batch reads them: `parameter:/name`, `secret:name`, `secret:name:key`."""


@dataclass(frozen=True, slots=True)
class RealtimeEndpoint:
    """Instances that wait for requests."""

    instance_type: str
    instances: int = 1


@dataclass(frozen=True, slots=True)
class ServerlessEndpoint:
    """Capacity on request."""

    memory: int
    """MB: 1024 to 6144 in steps of 1024 (SageMaker)."""
    max_concurrency: int
    """1 to 200 (SageMaker)."""


@dataclass(frozen=True, slots=True)
class AsyncEndpoint:
    """Instances that work through a queue of requests, each an object in S3."""

    instance_type: str
    instances: int = 1
    max_concurrent: int = 4
    """Requests that one instance is given at the same time, 1 to 1000 (SageMaker)."""


Endpoint = RealtimeEndpoint | ServerlessEndpoint | AsyncEndpoint


@dataclass(frozen=True, slots=True)
class Scaling:
    """Target tracking of the number of instances; the endpoint's `instances` is then only where it starts."""

    min: int
    """0 for asynchronous endpoints only (SageMaker)."""
    max: int
    target: int
    """Realtime: requests per instance and minute. Asynchronous: waiting requests per instance."""


class Strategy(StrEnum):
    """How traffic moves to a new release (SageMaker deployment guardrails)."""

    ALL_AT_ONCE = "all_at_once"
    CANARY = "canary"
    LINEAR = "linear"
    ROLLING = "rolling"


@dataclass(frozen=True, slots=True)
class Rollout:
    """How a new release takes over."""

    strategy: Strategy = Strategy.ALL_AT_ONCE
    size: int = 0
    """Percent of the capacity that moves at a time: canary 1 to 50, linear 10 to 50, rolling 5 to 50; else 0."""
    bake: int = 120
    """Seconds that each step is watched before the next one, 0 to 3600."""


@dataclass(frozen=True, slots=True)
class Alarms:
    """Thresholds beyond which the alerts topic is told; those of 5xx errors and latency also roll a release back."""

    errors_5xx: float = 5.0
    """Percent of all requests."""
    errors_4xx: float | None = None
    """Percent of all requests; None: no alarm."""
    latency_p99: int | None = None
    """Milliseconds that the model itself takes; None: no alarm."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """The model version that is to be live, and how it is served."""

    version: int
    endpoint: Endpoint
    keep_versions: int = 5
    """Previous releases kept ready for an instant rollback, 1 to 40 (an ECR lifecycle policy has 50 rules)."""
    scaling: Scaling | None = None
    rollout: Rollout = Rollout()
    alarms: Alarms = Alarms()
    capture: int = 0
    """Percent of the requests that are written to S3 with their answers; 0: none."""
    vpc: bool = False
    """Whether the model runs in the platform's network."""
    env: Pairs = field(default=(), metadata=LATER)
    """Variables of the model's containers."""


class DriftPolicy(StrEnum):
    """What is done when the world moved while git did not."""

    CORRECT = "correct"
    """It is brought back."""
    WARN = "warn"
    """It is shown, and left."""
    IGNORE = "ignore"
    """It is left, and passes for in sync."""


@dataclass(frozen=True, slots=True)
class Project:
    """One ML project of the manifest, with every default filled in."""

    name: str
    """What AWS and MLflow know it by: its first name."""
    model: str
    """Registered model name in MLflow."""
    source: Source
    training: Training
    deployment: Deployment | None = None
    owner: str = ""
    protect: bool = False
    paused: Pause | None = None
    drift_policy: DriftPolicy = DriftPolicy.CORRECT
    renamed: str = ""
    """What the manifest calls it since; empty: its name."""
    tags: Pairs = field(default=(), metadata=LATER)
    """Of everything in AWS that is made for it: the environment's, and its own."""

    @property
    def title(self) -> str:
        """What people call it."""
        return self.renamed or self.name


@dataclass(frozen=True, slots=True)
class GitHub:
    """Where the manifest lives, and who may apply it from there: the roles of the stack `bootstrap`."""

    repository: str
    """`owner/name`"""
    environment: str
    """GitHub environment whose jobs take the apply role."""


@dataclass(frozen=True, slots=True)
class BaseImages:
    """What images of trainings and models are built from; empty: Docker Hub's."""

    python: str = ""
    """Repository whose tags are releases of Python, such as `3.12-slim`."""
    conda: str = ""
    """Image of micromamba, with its tag or without."""


@dataclass(frozen=True, slots=True)
class Platform:
    """The environment that the projects live in."""

    name: str
    environment: str
    region: str
    state_bucket: str
    tracking_uri: str
    account: str | None = None
    """When given, no other account is ever touched."""
    vpc_id: str = ""
    """Empty: a VPC of its own when `cidr` is given, else the MLflow server's, else the region's default VPC."""
    subnet_ids: tuple[str, ...] = ()
    """Empty: every subnet of the VPC."""
    cidr: str = ""
    """Addresses of a VPC of its own; empty: none is made."""
    zones: int = 2
    """Availability zones of a VPC of its own."""
    public_ips: bool = True
    """Whether Fargate jobs get public addresses: without a NAT gateway they can pull nothing otherwise."""
    max_vcpus: int = 64
    """Upper bound of each compute environment."""
    disk: int = 100
    """GiB of each EC2 instance that trains."""
    alert_emails: tuple[str, ...] = ()
    """Who is told of alarms and failed trainings."""
    artifact_bucket: str = ""
    """Bucket in which training jobs may use the prefix `<project>/`; empty: the MLflow server's own, if it is ours."""
    server: Server | None = None
    """The MLflow server, when it is provisioned here."""
    github: GitHub | None = None
    tags: Pairs = field(default=(), metadata=LATER)
    """Of everything in AWS that is made for the environment."""
    images: BaseImages = field(default=BaseImages(), metadata=LATER)


@dataclass(frozen=True, slots=True)
class StackCode:
    """Digests of the Terraform root modules, so that a change of their code is a change to apply."""

    platform: str
    training: str
    deployment: str
    server: str = ""
    server_image: str = ""
    """Of what the MLflow server's image is built from; it is the image's tag."""
    bootstrap: str = ""


@dataclass(frozen=True, slots=True)
class DesiredState:
    """Everything git asks for in one environment."""

    platform: Platform
    code: StackCode
    projects: tuple[Project, ...]
    """Sorted by title."""
    retire_limit: int = 1
    """More retirements than this in one run are refused unless each is allowed by name."""
    freeze: tuple[Window, ...] = ()
    """When nothing is changed."""
    requires: Requires = field(default_factory=Requires)

    def name_of(self, title: str) -> str:
        """What AWS and MLflow know a project by; one that is not in the manifest has no title of its own."""
        return next((project.name for project in self.projects if project.title == title), title)

    def titles(self, left: Iterable[str]) -> frozenset[str]:
        """What its projects are called, and those of the names that only `left` something behind."""
        return frozenset({project.title for project in self.projects} | {self.title_of(name) for name in left})

    def title_of(self, name: str) -> str:
        """What people call a project."""
        return next((project.title for project in self.projects if project.name == name), name)


@dataclass(frozen=True, slots=True)
class Demands:
    """What somebody asks for in words, beside what git asks for: titles of projects."""

    train: frozenset[str] = frozenset()
    """Train once more although nothing changed."""
    retry: frozenset[str] = frozenset()
    """Try a release once more that SageMaker refused."""
    parameters: Pairs = ()
    """What the project that is trained once more is given otherwise than the manifest says."""
    despite_alarm: frozenset[str] = frozenset()
    """Update an endpoint although an alarm fires that would roll the update back: without that alarm."""

    @property
    def heard(self) -> "Demands":
        """What still holds once what was asked for was done, in the same run."""
        return Demands(despite_alarm=self.despite_alarm)
