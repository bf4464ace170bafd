"""Every kind of single value that says how a model is served and watched."""

from typing import Annotated

from reconciler.core.desired import Strategy
from reconciler.manifest.aws_tables import INSTANCE_TYPES
from reconciler.manifest.leaves import fine_percent, flag, latency, one_of, percent, period, positive, whole

_PIN = 'a pin must be a number that git can bring back; "latest" and aliases move by themselves'
_REALTIME_FLOOR = "only async endpoints can do without instances (SageMaker)"
_SIZED = "the cheapest instance that has as much is taken"

ModelVersion = Annotated[int, whole("Version of the registered model that is to be live", 1, 9999, because=_PIN)]
KeepVersions = Annotated[
    int,
    whole(
        "Previous releases kept ready (else 5)",
        1,
        40,
        because="without one there is nothing to roll back to, and ECR has no rules to protect more images",
    ),
]
InstanceType = Annotated[
    str,
    one_of(
        "SageMaker instance type",
        INSTANCE_TYPES,
        "an instance type such as ml.m5.large",
        because="SageMaker has no endpoint instances of that type",
    ),
]
Vcpu = Annotated[float, positive("vCPUs of one instance", 1024, because=_SIZED)]
Memory = Annotated[int, whole("MiB of one instance", 1, because=_SIZED)]
Gpu = Annotated[int, whole("GPUs of one instance", 0, 16, because="no instance has more")]
Instances = Annotated[int, whole("Number of instances", 1, because="an endpoint without instances cannot answer")]
LeastInstances = Annotated[int, whole("Fewest instances", 1, because=_REALTIME_FLOOR)]
LeastWorkers = Annotated[int, whole("Fewest instances", 0, because="it counts")]
MostInstances = Annotated[int, whole("Most instances", 1, because="an endpoint without instances cannot answer")]
Invocations = Annotated[
    int, whole("Requests per instance and minute that scaling aims at", 1, because="fewer would never be reached")
]
Backlog = Annotated[
    int, whole("Waiting requests per instance that scaling aims at", 1, because="fewer would never be reached")
]
InVpc = Annotated[bool, flag("The model runs in the platform's network")]
MaxConcurrent = Annotated[
    int,
    whole("Requests that one instance is given at the same time", 1, 1000, because="SageMaker gives it no more"),
]
ServerlessMemory = Annotated[
    int,
    whole("MB", 1024, 6144, step=1024, because="SageMaker serverless has these sizes only"),
]
Concurrency = Annotated[
    int,
    whole("Requests answered at the same time", 1, 200, because="SageMaker serverless allows no more"),
]

StrategyName = Annotated[
    str,
    one_of(
        "How traffic moves to a new release",
        Strategy,
        f"one of {', '.join(Strategy)}",
        because="SageMaker moves it in these ways",
    ),
]
Size = Annotated[
    int,
    percent(
        "Share of the capacity that moves at a time (all_at_once takes none)",
        1,
        50,
        because="SageMaker moves at most half at a time",
    ),
]
Bake = Annotated[int, period("Time that each step is watched", 0, 3600, because="SageMaker waits no longer")]

ErrorRate = Annotated[float, fine_percent("Share of all requests", because="the alarm compares it with a share")]
Latency = Annotated[
    int,
    latency("Time that the model takes, of 99 requests in 100", 3_600_000, because="no request may take longer"),
]
Sample = Annotated[
    int,
    percent("Share of the requests that are written to S3", 1, because="SageMaker samples by whole percents"),
]
