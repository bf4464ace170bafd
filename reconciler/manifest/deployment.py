"""How a project's model is served, once every default was asked."""

from reconciler.core.desired import (
    Alarms,
    AsyncEndpoint,
    Deployment,
    Endpoint,
    RealtimeEndpoint,
    Resources,
    Rollout,
    Scaling,
    ServerlessEndpoint,
    Strategy,
)
from reconciler.errors import ManifestInvalid
from reconciler.manifest import schema_serving as schema
from reconciler.manifest.context import Context, at
from reconciler.manifest.given import find_model_env
from reconciler.manifest.instances import cheapest
from reconciler.manifest.load import Manifest
from reconciler.manifest.serving_rules import unheld
from reconciler.manifest.training import REQUIREMENTS_FILE, find_serving_resources

KEEP_VERSIONS = 5


def find_deployment(name: str, manifest: Manifest, context: Context) -> Deployment | None:
    """How a project's model is served; None when it is not. Raises ManifestInvalid."""
    written, defaults = manifest.projects[name].deployment, manifest.defaults.deployment
    if written is None:
        return None
    endpoint = written.endpoint or defaults.endpoint or schema.Realtime()
    monitoring = manifest.projects[name].monitoring
    return Deployment(
        version=written.version,
        endpoint=_endpoint(name, endpoint, manifest, context),
        keep_versions=written.keep_versions or defaults.keep_versions or KEEP_VERSIONS,
        scaling=_scaling(endpoint),
        rollout=_rollout(written.rollout or defaults.rollout),
        alarms=_alarms(monitoring.alarms),
        capture=monitoring.capture.sample if monitoring.capture else 0,
        vpc=not isinstance(endpoint, schema.Serverless) and endpoint.vpc,
        env=find_model_env(name, manifest),
    )


def _endpoint(name: str, written: schema.Endpoint, manifest: Manifest, context: Context) -> Endpoint:
    if isinstance(written, schema.Serverless):
        return ServerlessEndpoint(written.memory, written.max_concurrency)
    instance_type = written.instance_type or _cheapest(name, written, manifest, context)
    count = written.instances if isinstance(written.instances, int) else max(written.instances.min, 1)
    if isinstance(written, schema.Asynchronous):
        return AsyncEndpoint(instance_type, count, written.max_concurrent)
    return RealtimeEndpoint(instance_type, count)


def _cheapest(name: str, written: schema.Hosted, manifest: Manifest, context: Context) -> str:
    """The cheapest type for what the endpoint says, or else for what the project says. Raises ManifestInvalid."""
    resources, origin = _needs(name, written, manifest, context)
    found = cheapest(resources, elastic=not isinstance(written.instances, int))
    if found is None:
        what = f"{unheld(resources)}, as {origin} asks for; write an endpoint with an instance_type or with resources"
        raise _unserved(name, manifest, what)
    return found


def _needs(name: str, written: schema.Hosted, manifest: Manifest, context: Context) -> tuple[Resources, str]:
    if written.resources:
        return Resources(written.resources.vcpu, written.resources.memory, written.resources.gpu), "the endpoint"
    given = find_serving_resources(name, manifest, context)
    if given is None:
        remedy = f"an endpoint with an instance_type, or {REQUIREMENTS_FILE} in the project's folder"
        raise _unserved(name, manifest, f"nothing says what an instance needs; write {remedy}")
    return given.resources, given.origin


def _unserved(name: str, manifest: Manifest, what: str) -> ManifestInvalid:
    return ManifestInvalid((at(manifest, ("projects", name, "deployment", "endpoint"), what),))


def _scaling(endpoint: schema.Endpoint) -> Scaling | None:
    if isinstance(endpoint, schema.Serverless) or isinstance(endpoint.instances, int):
        return None
    return Scaling(endpoint.instances.min, endpoint.instances.max, endpoint.instances.target)


def _rollout(written: schema.Rollout | None) -> Rollout:
    return Rollout(Strategy(written.strategy), written.size or 0, written.bake) if written else Rollout()


def _alarms(written: schema.Alarms) -> Alarms:
    return Alarms(written.errors_5xx, written.errors_4xx, written.latency_p99)
