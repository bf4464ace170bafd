"""The manifest as it is written: which keys there are, and where.

What may be left out is None here; `resolve` fills it in. Every key of the header is optional to the parser, so that
one that is missing hides no other mistake: `header` says which of them are needed.
"""

from reconciler.core.desired import DriftPolicy, Run
from reconciler.manifest import kinds, kinds_inputs
from reconciler.manifest.record import Record
from reconciler.manifest.schema_environment import Alerts, GitHub, Images, Mlflow, Network
from reconciler.manifest.schema_serving import Deployment, DeploymentDefaults, Monitoring

_NOBODY = Alerts()
_AS_USUAL = DeploymentDefaults()
_UNWATCHED = Monitoring()


class Resources(Record):
    """What one training job needs."""

    vcpu: kinds.Vcpu
    memory: kinds.Memory
    gpu: kinds.Gpu = 0


class TrainingDefaults(Record):
    """How projects are trained that do not say otherwise."""

    resources: Resources | None = None
    compute: kinds.ComputeName | None = None
    timeout: kinds.Timeout | None = None
    attempts: kinds.Attempts | None = None
    env: dict[kinds_inputs.VariableName, kinds_inputs.VariableValue] | None = None
    secrets: dict[kinds_inputs.SecretVariableName, kinds_inputs.SecretReference] | None = None


class Training(TrainingDefaults):
    """How a project is trained."""

    run: kinds.RunName = Run.ON_CHANGE.value
    revision: kinds.Revision = 0
    schedule: kinds.Schedule | None = None
    entry_point: kinds_inputs.EntryPoint | None = None
    parameters: dict[kinds_inputs.ParameterName, kinds_inputs.ParameterValue] | None = None


class Pause(Record):
    """The project is left as it is for a time, whatever is asked for it."""

    reason: kinds.Reason
    until: kinds.Until


class Project(Record):
    """One ML project. `{}` trains it with every default and deploys nothing."""

    owner: kinds.Owner = ""
    source: kinds.SourceFolder | None = None
    model: kinds.ModelName | None = None
    training: Training = Training()
    deployment: Deployment | None = None
    monitoring: Monitoring = _UNWATCHED
    protect: kinds.Protect = False
    paused: Pause | None = None
    drift_policy: kinds.DriftPolicyName | None = None
    renamed_from: kinds.FirstName | None = None
    tags: dict[kinds.TagKey, kinds.TagValue] | None = None


class Freeze(Record):
    """When nothing is changed but rollbacks and repairs: from a date to a date, or on some days of every week."""

    reason: kinds.Reason
    from_: kinds.FreezeEdge | None = None
    to: kinds.FreezeEdge | None = None
    days: kinds.Days = ()
    time_zone: kinds.TimeZone = "UTC"


class Requires(Record):
    """What is asked of the commit that the environment is changed from."""

    clean_tree: kinds.CleanTree = False
    signed_commits: kinds.SignedCommits = False


class Limits(Record):
    """How much one run may do without being told by name."""

    retire: kinds.RetireLimit = 1


class Defaults(Record):
    """What projects take that do not say otherwise."""

    training: TrainingDefaults = TrainingDefaults()
    deployment: DeploymentDefaults = _AS_USUAL
    drift_policy: kinds.DriftPolicyName = DriftPolicy.CORRECT.value


class ManifestFile(Record):
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
    disk: kinds.Disk = 100
    alerts: Alerts = _NOBODY
    tags: dict[kinds.TagKey, kinds.TagValue] | None = None
    images: Images | None = None
    github: GitHub | None = None
    limits: Limits = Limits()
    freeze: tuple[Freeze, ...] = ()
    requires: Requires = Requires()
    defaults: Defaults = Defaults()
    projects: dict[kinds.ProjectName, Project] | None = None
