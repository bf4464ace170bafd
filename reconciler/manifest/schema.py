"""The manifest as it is written: which keys there are, and where.

What may be left out is None here; `resolve` fills it in. Every key of the header is optional to the parser, so that
one that is missing hides no other mistake: `header` says which of them are needed.
"""

from dataclasses import dataclass
from typing import Literal

from reconciler.core.desired import Run
from reconciler.manifest import kinds


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """What one training job needs."""

    vcpu: kinds.Vcpu
    memory: kinds.Memory
    gpu: kinds.Gpu = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingDefaults:
    """How projects are trained that do not say otherwise."""

    resources: Resources | None = None
    compute: kinds.ComputeName | None = None
    timeout: kinds.Timeout | None = None
    attempts: kinds.Attempts | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Training(TrainingDefaults):
    """How a project is trained."""

    run: kinds.RunName = Run.ON_CHANGE.value
    revision: kinds.Revision = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Realtime:
    """Instances that wait for requests."""

    type: Literal["realtime"] = "realtime"
    instance_type: kinds.InstanceType
    instances: kinds.Instances = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Serverless:
    """Capacity on request."""

    type: Literal["serverless"] = "serverless"
    memory: kinds.ServerlessMemory = 2048
    max_concurrency: kinds.Concurrency = 10


Endpoint = Realtime | Serverless


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentDefaults:
    """How models are served whose projects do not say otherwise."""

    endpoint: Endpoint | None = None
    keep_versions: kinds.KeepVersions | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment(DeploymentDefaults):
    """The model version that is to be live, and how it is served."""

    version: kinds.ModelVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """One ML project. `{}` trains it with every default and deploys nothing."""

    owner: kinds.Owner = ""
    source: kinds.SourceFolder | None = None
    model: kinds.ModelName | None = None
    training: Training = Training()
    deployment: Deployment | None = None
    protect: kinds.Protect = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Mlflow:
    """The MLflow tracking server (else MLFLOW_TRACKING_URI)."""

    tracking_uri: kinds.TrackingUri


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """Where training jobs run; without it, the region's default VPC."""

    vpc_id: kinds.VpcId
    subnet_ids: kinds.SubnetIds = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much one run may do without being told by name."""

    retire: kinds.RetireLimit = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """What projects take that do not say otherwise."""

    training: TrainingDefaults = TrainingDefaults()
    deployment: DeploymentDefaults = DeploymentDefaults()


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestFile:
    """Desired state of one environment: which ML projects exist, how they are trained, and which versions serve."""

    version: kinds.FormatVersion | None = None
    platform: kinds.PlatformName | None = None
    environment: kinds.EnvironmentName | None = None
    region: kinds.Region | None = None
    state_bucket: kinds.Bucket | None = None
    account: kinds.Account | None = None
    sandbox: kinds.Sandbox = False
    mlflow: Mlflow | None = None
    network: Network | None = None
    max_vcpus: kinds.MaxVcpus = 64
    limits: Limits = Limits()
    defaults: Defaults = Defaults()
    projects: dict[kinds.ProjectName, Project] | None = None
