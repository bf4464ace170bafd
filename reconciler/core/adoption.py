"""Endpoints that somebody else made, and that are ours since `reconcile adopt` tagged them.

One serves what it served until the manifest asks for something else: then Terraform imports it and moves it to a
release of our own. The model and the configuration that it had are never touched.
"""

from dataclasses import replace

from reconciler.core import names
from reconciler.core.actions import ProvisionDeployment, Update
from reconciler.core.case import Case
from reconciler.core.desired import AsyncEndpoint, Endpoint, Platform, RealtimeEndpoint, ServerlessEndpoint
from reconciler.core.observed import Adoption, LiveEndpoint, ModelVersion, ObservedProject, Serving
from reconciler.core.rollout import UNGUARDED, empty_spec, update
from reconciler.core.strays import stray_endpoint
from reconciler.core.verdict import Health, Part, Problem

VARIANT = "AllTraffic"
"""Name of the production variant in every release of ours (stack `deployment`, `releases.tf`)."""


def adoption_of(seen: ObservedProject) -> Adoption | None:
    """What was noted on the project's endpoint, as long as no state holds it."""
    stray = stray_endpoint(seen)
    return stray.adoption if stray else None


def serves_as_adopted(seen: ObservedProject) -> Adoption | None:
    """The adoption of an endpoint that nobody moved since."""
    found = adoption_of(seen)
    return found if found and seen.endpoint and seen.endpoint.configuration == found.configuration else None


def is_wanted(case: Case, adoption: Adoption) -> bool:
    """Whether the manifest asks for just what an adopted endpoint serves."""
    wanted = case.wanted
    plain = not (wanted.capture or wanted.vpc or wanted.scaling)
    same = wanted.version == adoption.version and not _is_replaced(case, adoption)
    return plain and same and wanted.endpoint == adoption.endpoint


def _is_replaced(case: Case, adoption: Adoption) -> bool:
    """Whether the adopted version's number was given to another model since."""
    now = case.registered if case.wanted.version == adoption.version else None
    return bool(adoption.identity and now and now.origin.identity != adoption.identity)


def plan_adopted(case: Case, endpoint: LiveEndpoint, adoption: Adoption) -> Part:
    """Take an adopted endpoint over, because the manifest asks for something else than it serves."""
    if obstacle := _obstacle(case, adoption):
        return Part(problems=(obstacle,), synced=False, health=Health.DEGRADED)
    first = ProvisionDeployment(case.project.name, "first deployment", empty_spec(case))
    provision = () if case.stack.spec else (first,)
    reason = "it was adopted, and moves to a release of ours"
    if _is_replaced(case, adoption):
        reason = f"version {adoption.version} is another model than the one that was adopted"
    *before, move = update(case, endpoint, reason)
    if isinstance(move, Update) and _is_bare(case, endpoint):
        move = replace(move, spec={**move.spec, UNGUARDED: True})
    return Part((*provision, *before, move), synced=False)


def _is_bare(case: Case, endpoint: LiveEndpoint) -> bool:
    return not endpoint.guarded and not isinstance(case.wanted.endpoint, ServerlessEndpoint)


def _obstacle(case: Case, adoption: Adoption) -> Problem | None:
    remedy = "delete the endpoint, and it is made anew; or pin what it serves"
    if adoption.variant != VARIANT:
        what = f"the adopted endpoint's variant is named {adoption.variant}: SageMaker moves it to no {VARIANT}"
        return Problem(what, remedy)
    if type(adoption.endpoint) is not type(case.wanted.endpoint):
        return Problem("the adopted endpoint is of another kind: SageMaker does not turn one into the other", remedy)
    return None


def adoption_tags(platform: Platform, configuration: str, version: ModelVersion) -> dict[str, str]:
    """What an adopted endpoint is tagged with."""
    noted = {names.ADOPTED: configuration, names.VERSION: str(version.number)}
    identity = version.origin.identity
    return {**names.tags(platform), **noted, **({names.IDENTITY: identity} if identity else {})}


def manifest_lines(name: str, model: str, version: int, serving: Serving, *, known: bool) -> str:
    """What the manifest has to say for an adopted endpoint; `known`: the project is in it already."""
    lines = [f"  {name}:"]
    if not known:
        lines += [f"    model: {model}"] if model != name else []
        lines += ["    training: {run: manual}   # nothing is trained until somebody asks"]
    lines += ["    deployment:", f"      version: {version}", f"      endpoint: {_endpoint(serving.endpoint)}"]
    lines += ["      rollout: {strategy: all_at_once, bake: 2m}   # of the first change; SageMaker tells no other"]
    return "\n".join(["projects:", *lines]) + "\n"


def _endpoint(served: Endpoint | None) -> str:
    match served:
        case RealtimeEndpoint(instance_type, instances):
            return f"{{type: realtime, instance_type: {instance_type}, instances: {instances}}}"
        case AsyncEndpoint(instance_type, instances, most):
            return f"{{type: async, instance_type: {instance_type}, instances: {instances}, max_concurrent: {most}}}"
        case ServerlessEndpoint(memory, most):
            return f"{{type: serverless, memory: {memory}, max_concurrency: {most}}}"
        case None:
            raise ValueError("no manifest can say how it is served")
