"""What git asks for: the desired state that a manifest and the project folders resolve to."""

from dataclasses import dataclass
from enum import StrEnum


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
    uncommitted: tuple[str, ...] = ()
    """Files of the folder that differ from the commit; they are *not* part of the digest."""


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


Endpoint = RealtimeEndpoint | ServerlessEndpoint


@dataclass(frozen=True, slots=True)
class Deployment:
    """The model version that is to be live, and how it is served."""

    version: int
    endpoint: Endpoint
    keep_versions: int = 5
    """Previous releases kept ready for an instant rollback, at least 1."""


@dataclass(frozen=True, slots=True)
class Project:
    """One ML project of the manifest, with every default filled in."""

    name: str
    model: str
    """Registered model name in MLflow."""
    source: Source
    training: Training
    deployment: Deployment | None = None
    owner: str = ""
    protect: bool = False


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
    """Empty: the region's default VPC."""
    subnet_ids: tuple[str, ...] = ()
    """Empty: every subnet of the VPC."""
    max_vcpus: int = 64
    """Upper bound of each compute environment."""


@dataclass(frozen=True, slots=True)
class StackCode:
    """Digests of the Terraform root modules, so that a change of their code is a change to apply."""

    platform: str
    training: str
    deployment: str


@dataclass(frozen=True, slots=True)
class DesiredState:
    """Everything git asks for in one environment."""

    platform: Platform
    code: StackCode
    projects: tuple[Project, ...]
    """Sorted by name."""
    retire_limit: int = 1
    """More retirements than this in one run are refused unless each is allowed by name."""


@dataclass(frozen=True, slots=True)
class Demands:
    """What somebody asks for in words, beside what git asks for: names of projects."""

    train: frozenset[str] = frozenset()
    """Train once more although nothing changed."""
    retry: frozenset[str] = frozenset()
    """Try a release once more that SageMaker refused."""
