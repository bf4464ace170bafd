"""Rules on how models are served: endpoints, rollouts, and what goes with which kind of endpoint."""

from collections.abc import Iterator
from math import ceil

from reconciler.core.desired import Resources as Needs
from reconciler.core.desired import Strategy
from reconciler.manifest.instances import cheapest
from reconciler.manifest.problem import Problem, Where
from reconciler.manifest.schema import ManifestFile, Project
from reconciler.manifest.schema_serving import Asynchronous, Endpoint, Hosted, Realtime, Rollout, Serverless

DEFAULTS: Where = ("defaults", "deployment")
SIZES = {Strategy.CANARY: (1, 50), Strategy.LINEAR: (10, 50), Strategy.ROLLING: (5, 50)}
"""Percent of the capacity that may move at a time.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_TrafficRoutingConfig.html, API_RollingUpdatePolicy.html
"""
LONGEST = 45 * 60
"""Seconds that all steps may be watched together: SageMaker would take eight hours, but Terraform's AWS provider waits
one hour until an endpoint is in service, and its instances have to start as well."""

UNGUARDED = "ml.inf1."
"""SageMaker moves endpoints on such instances all at once and watches nothing, whatever the rollout says. What else is
excluded cannot be written here: containers of the Marketplace, and several variants.

https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-exclusions.html
"""


def broken_serving(file: ManifestFile) -> Iterator[Problem]:
    """Every rule that endpoints and rollouts break by themselves."""
    deployments = [(DEFAULTS, file.defaults.deployment)]
    projects = (file.projects or {}).items()
    deployments += [(("projects", name, "deployment"), one.deployment) for name, one in projects if one.deployment]
    for where, deployment in deployments:
        yield from _wrong_endpoint(deployment.endpoint, (*where, "endpoint"))
        yield from _wrong_rollout(deployment.rollout, (*where, "rollout"))
    for name, project in projects:
        yield from _beyond_serverless(name, project, file)
        yield from _beyond_inferentia(name, project, file)


def unheld(resources: Needs) -> str:
    """The sentence for what no instance can hold."""
    gpus = f", {resources.gpu} GPUs" if resources.gpu else ""
    return f"no SageMaker instance that we know has {resources.vcpu:g} vCPU, {resources.memory} MiB{gpus}"


def _wrong_endpoint(endpoint: Endpoint | None, where: Where) -> Iterator[Problem]:
    if not isinstance(endpoint, Realtime | Asynchronous):
        return
    instances, scales = (*where, "instances"), not isinstance(endpoint.instances, int)
    named, sized = (*where, "instance_type"), (*where, "resources")
    if endpoint.instance_type and endpoint.resources:
        what = "cannot be with instance_type, because each of them says what the instances are; leave one out"
        yield Problem(sized, what, touches=(named,))
    elif endpoint.resources:
        wanted = Needs(endpoint.resources.vcpu, endpoint.resources.memory, endpoint.resources.gpu)
        if cheapest(wanted, elastic=scales) is None:
            yield Problem(
                sized, f"{unheld(wanted)}; ask for less, or name an instance_type", touches=(instances, named)
            )
    if scales and (endpoint.instance_type or "").startswith("ml.t2."):
        what = f"cannot be scaled, because SageMaker does not scale {endpoint.instance_type}; use another type"
        yield Problem(instances, what, touches=(named,))
    yield from _wrong_scaling(endpoint, instances)


def _wrong_scaling(endpoint: Hosted, where: Where) -> Iterator[Problem]:
    scaling = endpoint.instances
    if not isinstance(scaling, int) and scaling.max < scaling.min:
        what = f"{scaling.max} is less than min ({scaling.min}); raise one or lower the other"
        yield Problem((*where, "max"), what, touches=((*where, "min"),))


def _wrong_rollout(rollout: Rollout | None, where: Where) -> Iterator[Problem]:
    if rollout is None:
        return
    size, strategy = (*where, "size"), Strategy(rollout.strategy)
    touches: tuple[Where, ...] = ((*where, "strategy"), size, (*where, "bake"))
    if wrong := _wrong_size(strategy, rollout.size):
        yield Problem(size, wrong, touches=touches)
    elif (steps := _steps(strategy, rollout.size)) * rollout.bake > LONGEST:
        what = f"{steps} times {rollout.bake} seconds are more than {LONGEST}, because Terraform waits an hour in all"
        yield Problem((*where, "bake"), f"{what}; watch each step for less time", touches=touches)


def _wrong_size(strategy: Strategy, size: int | None) -> str:
    """Why a size does not go with its strategy; empty when it does."""
    if strategy is Strategy.ALL_AT_ONCE:
        only = "goes with canary, linear and rolling only, because all_at_once moves everything; leave it out"
        return only if size is not None else ""
    least, most = SIZES[strategy]
    if size is None:
        return f"is missing; {strategy.value} takes {least}% to {most}% of the capacity at a time"
    if least <= size <= most:
        return ""
    return f"{size}% is not from {least}% to {most}%, because SageMaker's {strategy.value} takes no other"


def _steps(strategy: Strategy, size: int | None) -> int:
    """How often a part of the traffic, or the last of it, is watched."""
    if size is None:
        return 1
    return 2 if strategy is Strategy.CANARY else ceil(100 / size)


def _beyond_serverless(name: str, project: Project, file: ManifestFile) -> Iterator[Problem]:
    """What SageMaker refuses on a serverless endpoint, whether it comes from the project or from the defaults."""
    own, defaults = project.deployment, file.defaults.deployment
    if own is None or not isinstance(own.endpoint or defaults.endpoint, Serverless):
        return
    where: Where = ("projects", name, "deployment")
    touches = tuple((*place, key) for place in (where, DEFAULTS) for key in ("endpoint", "rollout"))
    rollout = own.rollout or defaults.rollout
    if rollout and rollout.strategy != Strategy.ALL_AT_ONCE:
        remedy = "write rollout: {strategy: all_at_once} here, or use type: realtime"
        what = f"{rollout.strategy} on a serverless endpoint, because SageMaker moves those all at once; {remedy}"
        yield Problem((*where, "rollout"), what, touches=touches)
    if project.monitoring.capture:
        what = "on a serverless endpoint, because SageMaker captures nothing there; leave it out, or use type: realtime"
        yield Problem(("projects", name, "monitoring", "capture"), what, touches=touches)


def _beyond_inferentia(name: str, project: Project, file: ManifestFile) -> Iterator[Problem]:
    """A rollout that SageMaker takes and does not do, whether it comes from the project or from the defaults."""
    own, defaults = project.deployment, file.defaults.deployment
    endpoint, rollout = (own.endpoint or defaults.endpoint, own.rollout or defaults.rollout) if own else (None, None)
    if not isinstance(endpoint, Realtime | Asynchronous) or not (endpoint.instance_type or "").startswith(UNGUARDED):
        return
    if rollout and rollout.strategy != Strategy.ALL_AT_ONCE:
        where: Where = ("projects", name, "deployment")
        touches = tuple((*place, key) for place in (where, DEFAULTS) for key in ("endpoint", "rollout"))
        remedy = "write rollout: {strategy: all_at_once} here, or use another instance_type"
        what = f"{rollout.strategy} on {endpoint.instance_type}, because SageMaker moves Inf1 all at once; {remedy}"
        yield Problem((*where, "rollout"), what, touches=touches)
