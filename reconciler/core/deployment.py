"""Does the endpoint serve the pinned version, and what has to be done about it?"""

from dataclasses import dataclass
from typing import Any

from reconciler.core import names
from reconciler.core.actions import (
    BuildModelImage,
    Change,
    Deploy,
    ProjectAction,
    ProvisionDeployment,
    Repair,
    RestoreGuardrails,
    RetireDeployment,
    Update,
)
from reconciler.core.desired import Deployment, DesiredState, Project
from reconciler.core.diff import changes
from reconciler.core.observed import DeploymentStack, LiveEndpoint, ObservedProject
from reconciler.core.release import Release
from reconciler.core.verdict import Health, Part, Pending, Problem

PASSING = frozenset({"Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"})
"""Endpoint statuses that end by themselves (SageMaker DescribeEndpoint)."""

STUCK = frozenset({"OutOfService", "UpdateRollbackFailed"})
"""Endpoint statuses that only a person can judge."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a project's deployment depends on beside the project."""

    desired: DesiredState
    account: str
    training: bool
    """Whether a training is on its way to a new version."""
    retry: bool
    """Whether somebody asks to try a refused release again."""


@dataclass(frozen=True, slots=True)
class _Case:
    """One project's deployment, as every rule below needs it."""

    project: Project
    wanted: Deployment
    seen: ObservedProject
    context: Context
    release: Release

    @property
    def desired(self) -> DesiredState:
        return self.context.desired

    @property
    def stack(self) -> DeploymentStack:
        return self.seen.deployment or DeploymentStack({})

    @property
    def served(self) -> Release | None:
        """The retained release that the endpoint really serves."""
        return next((release for release in self.stack.releases if self.serves(release)), None)

    def serves(self, release: Release) -> bool:
        configuration = names.configuration(self.desired.platform, self.project.name, release.name)
        return self.seen.endpoint is not None and self.seen.endpoint.configuration == configuration

    @property
    def in_service(self) -> bool:
        return self.seen.endpoint is not None and self.seen.endpoint.status == "InService"

    @property
    def serving(self) -> bool:
        """Whether this very release answers requests."""
        return self.in_service and self.serves(self.release)

    @property
    def asked(self) -> bool:
        """Whether this very release is the one that was last asked for, and nobody asks for it again."""
        return self.stack.live == self.release.name and (self.serving or not self.context.retry)

    @property
    def available(self) -> bool:
        """Whether the release can be served: its image is built, or its version can be built from."""
        built = names.model_tag(self.wanted.version) in self.seen.model_images
        return built or any(version.number == self.wanted.version for version in self.seen.versions)


def plan_deployment(project: Project, seen: ObservedProject, context: Context) -> Part:
    """Decide what a project's deployment needs."""
    if seen.endpoint and not seen.deployment:
        return _foreign(project, seen.endpoint)
    if project.deployment is None:
        retire = RetireDeployment(project.name, "its deployment was deleted from the manifest")
        return Part((retire,), synced=False) if seen.deployment else Part()
    case = _Case(project, project.deployment, seen, context, _release(project, project.deployment, context))
    stopped = _passing(case) or _quarantined(case) or _unavailable(case)
    return stopped or (_absent(case) if seen.endpoint is None else _present(case, seen.endpoint))


def live_version(seen: ObservedProject, desired: DesiredState) -> int | None:
    """Version of the retained release that the endpoint really serves."""
    releases = seen.deployment.releases if seen.deployment else ()
    for release in releases:
        configuration = names.configuration(desired.platform, seen.name, release.name)
        if seen.endpoint and seen.endpoint.configuration == configuration:
            return release.version
    return None


def _release(project: Project, wanted: Deployment, context: Context) -> Release:
    platform = context.desired.platform
    repository = names.model_repository(platform, project.name)
    image = names.image(context.account, platform.region, repository, names.model_tag(wanted.version))
    return Release(wanted.version, image, wanted.endpoint)


def _foreign(project: Project, endpoint: LiveEndpoint) -> Part:
    what = f"an endpoint named {endpoint.name} exists that this platform did not make; it is left alone"
    problem = Problem(what, f"delete it, or give the project another name than {project.name}")
    return Part(problems=(problem,), synced=project.deployment is None, health=Health.DEGRADED)


def _passing(case: _Case) -> Part | None:
    endpoint = case.seen.endpoint
    if endpoint is None or endpoint.status not in PASSING:
        return None
    pending = Pending(f"endpoint {endpoint.name} is {endpoint.status}", endpoint=endpoint.name)
    return Part(pending=(pending,), synced=False, health=Health.PROGRESSING)


def _quarantined(case: _Case) -> Part | None:
    refusal = next((refusal for refusal in case.seen.refusals if refusal.release == case.release.name), None)
    if refusal is None or case.context.retry or case.serving:
        return None
    return _degraded(case, refusal.reason)


def _degraded(case: _Case, reason: str) -> Part:
    serving = f"version {case.served.version} keeps serving" if case.served and case.in_service else "nothing serves"
    what = f"version {case.wanted.version} was refused by SageMaker, {serving}: {reason}"
    remedy = f"pin another version, or try this one again: reconcile retry {case.project.name}"
    return Part(problems=(Problem(what, remedy),), synced=False, health=Health.DEGRADED)


def _unavailable(case: _Case) -> Part | None:
    if case.available or case.serves(case.release):
        return None
    version, newest = case.wanted.version, max((known.number for known in case.seen.versions), default=0)
    if case.context.training and version > newest:
        wait = f"deploy version {version} as soon as the training has registered it"
        health = Health.PROGRESSING if case.seen.endpoint is None else Health.HEALTHY
        return Part(waits=(wait,), synced=False, health=health)
    known = f"the newest is {newest}" if newest else "the model has no version yet"
    problem = Problem(
        f"version {version} of model {case.project.model} does not exist; {known}",
        "pin a version that exists, or train one",
    )
    return Part(problems=(problem,), synced=False, health=Health.DEGRADED)


def _absent(case: _Case) -> Part:
    """There is no endpoint."""
    if case.asked:
        repair = Repair(case.project.name, "the endpoint is gone", _spec(case), case.release)
        return Part((*_build(case), repair), synced=False, health=Health.MISSING)
    first = ProvisionDeployment(case.project.name, "first deployment", _empty_spec(case))
    deploy = Deploy(case.project.name, f"version {case.wanted.version} is pinned", _spec(case), case.release)
    # A stack without a specification is one whose first apply failed: its repository may be missing.
    provision = () if case.stack.spec else (first,)
    return Part((*provision, *_build(case), deploy), synced=False, health=Health.MISSING)


def _present(case: _Case, endpoint: LiveEndpoint) -> Part:
    """There is an endpoint, and it is not on the move."""
    if endpoint.status in STUCK:
        what = f"endpoint {endpoint.name} is {endpoint.status}: {endpoint.failure or 'SageMaker gives no reason'}"
        problem = Problem(what, "it is left as it is; look at it in the SageMaker console")
        return Part(problems=(problem,), synced=False, health=Health.DEGRADED)
    if endpoint.status == "Failed":
        return (
            _degraded(case, endpoint.failure or "SageMaker gives no reason") if case.asked else _update(case, endpoint)
        )
    if not case.asked:
        return _update(case, endpoint)
    if case.serves(case.release):
        return _settings(case)
    if case.served and endpoint.failure:
        return _degraded(case, endpoint.failure)
    reason = f"the endpoint was pointed at {endpoint.configuration} by somebody else"
    repair = Repair(case.project.name, reason, _spec(case), case.release)
    return Part((*_build(case), *_restore(case), repair), synced=False)


def _settings(case: _Case) -> Part:
    """The right release serves; the rest of the stack may still have changed."""
    applied = {key: case.stack.spec.get(key) for key in ("owner", "code_digest")}
    wanted = {"owner": case.project.owner, "code_digest": case.desired.code.deployment}
    differing = changes(applied, wanted)
    update = Update(case.project.name, "settings", _spec(case), case.release, case.release, changes=differing)
    actions = (*_restore(case), *((update,) if differing else ()))
    return Part(actions, synced=not actions)


def _update(case: _Case, endpoint: LiveEndpoint) -> Part:
    before, after = case.served, case.release
    rollback = before is not None and after.version < before.version
    update = Update(
        project=case.project.name,
        reason=_why(before, after, endpoint),
        spec=_spec(case),
        before=before,
        after=after,
        rollback=rollback,
        changes=_release_changes(before, after),
    )
    health = Health.DEGRADED if endpoint.status == "Failed" else Health.HEALTHY
    return Part((*_build(case), *_restore(case), update), synced=False, health=health)


def _why(before: Release | None, after: Release, endpoint: LiveEndpoint) -> str:
    if endpoint.status == "Failed":
        return "the endpoint failed and another version is pinned"
    if before is None:
        return f"version {after.version} is pinned"
    if before == after:
        return "it serves already; Terraform state is brought in line"
    if type(before.endpoint) is not type(after.endpoint):
        return "another kind of endpoint: it is made anew and does not answer in between"
    if before.version == after.version:
        return "serving configuration changed"
    return "the pin went back" if after.version < before.version else "a newer version is pinned"


def _release_changes(before: Release | None, after: Release) -> tuple[Change, ...]:
    if before is None:
        return ()
    hidden = {"name", "image"}
    sides = [{k: v for k, v in side.to_variable().items() if k not in hidden} for side in (before, after)]
    return changes(*sides)


def _build(case: _Case) -> tuple[ProjectAction, ...]:
    if names.model_tag(case.wanted.version) in case.seen.model_images:
        return ()
    version, model = case.wanted.version, case.project.model
    return (BuildModelImage(case.project.name, "not built yet", model, version, case.release.image),)


def _restore(case: _Case) -> tuple[RestoreGuardrails, ...]:
    endpoint, guardrails = case.seen.endpoint, case.stack.guardrails
    if endpoint is None or endpoint.guarded or guardrails is None or not case.in_service:
        return ()
    reason = "somebody updated the endpoint without them"
    return (RestoreGuardrails(case.project.name, reason, endpoint.configuration, guardrails),)


def _spec(case: _Case) -> dict[str, Any]:
    """The stack with this release live and the releases before it kept, save those that SageMaker refused.

    The one that serves is always among them: were the update rolled back, its configuration must still exist.
    """
    refused = {refusal.release for refusal in case.seen.refusals}
    served = (case.served,) if case.served else ()
    before = (release for release in case.stack.releases if release.name not in refused)
    kept = tuple(dict.fromkeys((case.release, *served, *before)))
    releases = [release.to_variable() for release in kept[: case.wanted.keep_versions + 1]]
    return {**_empty_spec(case), "releases": releases, "live": case.release.name}


def _empty_spec(case: _Case) -> dict[str, Any]:
    return {"owner": case.project.owner, "releases": [], "live": "", "code_digest": case.desired.code.deployment}
