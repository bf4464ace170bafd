"""The part of the manifest that says how models are served and watched, as it is written."""

from collections.abc import Mapping
from typing import Literal

from reconciler.core.desired import Strategy
from reconciler.manifest import kinds_inputs
from reconciler.manifest import kinds_serving as kinds
from reconciler.manifest.record import Record


class Capacity(Record):
    """What one instance must have at least; the cheapest type that has it is taken."""

    vcpu: kinds.Vcpu
    memory: kinds.Memory
    gpu: kinds.Gpu = 0


class RealtimeScaling(Record):
    """As many instances as the requests call for."""

    min: kinds.LeastInstances
    max: kinds.MostInstances
    invocations_per_instance: kinds.Invocations

    @property
    def target(self) -> int:
        """Requests per instance and minute."""
        return self.invocations_per_instance


class AsyncScaling(Record):
    """As many instances as the waiting requests call for."""

    min: kinds.LeastWorkers
    max: kinds.MostInstances
    backlog_per_instance: kinds.Backlog

    @property
    def target(self) -> int:
        """Waiting requests per instance."""
        return self.backlog_per_instance


class Realtime(Record):
    """Instances that wait for requests; without a type or resources, the cheapest that fits the project."""

    type: Literal["realtime"] = "realtime"
    instance_type: kinds.InstanceType | None = None
    resources: Capacity | None = None
    instances: kinds.Instances | RealtimeScaling = 1
    vpc: kinds.InVpc = False


class Serverless(Record):
    """Capacity on request."""

    type: Literal["serverless"] = "serverless"
    memory: kinds.ServerlessMemory = 2048
    max_concurrency: kinds.Concurrency = 10


class Asynchronous(Record):
    """Instances that work through a queue of requests; without a type or resources, the cheapest that fits."""

    type: Literal["async"] = "async"
    instance_type: kinds.InstanceType | None = None
    resources: Capacity | None = None
    instances: kinds.Instances | AsyncScaling = 1
    max_concurrent: kinds.MaxConcurrent = 4
    vpc: kinds.InVpc = False


Hosted = Realtime | Asynchronous
Endpoint = Realtime | Serverless | Asynchronous

_SIZED = "SageMaker chooses the instances itself, by memory and without GPUs"
NOT_SERVERLESS: Mapping[str, str] = {
    "instance_type": _SIZED,
    "resources": _SIZED,
    "instances": "SageMaker scales them itself, up to max_concurrency",
    "max_concurrent": "SageMaker queues no requests there; the key is max_concurrency",
    "vpc": "SageMaker runs no serverless model in a VPC",
}
"""Keys of other endpoints, and why a serverless one has none of them."""


class Rollout(Record):
    """How a new release takes over."""

    strategy: kinds.StrategyName = Strategy.ALL_AT_ONCE.value
    size: kinds.Size | None = None
    bake: kinds.Bake = 120


class DeploymentDefaults(Record):
    """How models are served whose projects do not say otherwise."""

    endpoint: Endpoint | None = None
    rollout: Rollout | None = None
    keep_versions: kinds.KeepVersions | None = None
    env: dict[kinds_inputs.VariableName, kinds_inputs.VariableValue] | None = None


class Deployment(DeploymentDefaults):
    """The model version that is to be live, and how it is served."""

    version: kinds.ModelVersion


class Alarms(Record):
    """Beyond which an alarm goes off; those of 5xx errors and latency also roll a release back."""

    errors_5xx: kinds.ErrorRate = 5.0
    errors_4xx: kinds.ErrorRate | None = None
    latency_p99: kinds.Latency | None = None


class Capture(Record):
    """Requests and answers that are written to S3."""

    sample: kinds.Sample


class Monitoring(Record):
    """What is watched while the model serves."""

    alarms: Alarms = Alarms()
    capture: Capture | None = None
