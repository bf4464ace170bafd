"""Do one step of a plan. Everything was decided before; nothing is decided here."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reconciler.core import names
from reconciler.core.actions import (
    Action,
    BuildModelImage,
    BuildTrainingImage,
    Deploy,
    ProvisionDeployment,
    ProvisionPlatform,
    ProvisionTraining,
    RegisterModel,
    Repair,
    RestoreGuardrails,
    RetireDeployment,
    RetireTraining,
    Train,
    Update,
)
from reconciler.core.desired import Platform
from reconciler.core.observed import JobStatus, LiveEndpoint, Refusal, Spec
from reconciler.core.release import Release
from reconciler.core.verdict import Pending
from reconciler.errors import RolloutRefused, TerraformFailed, TrainingFailed
from reconciler.ports import Say, World


@dataclass(frozen=True, slots=True)
class Executor:
    """Performs single actions on the world."""

    platform: Platform
    world: World
    wait: bool
    """Whether to stay until a training or a changing endpoint has ended."""


def perform(step: Action | Pending, executor: Executor, say: Say) -> None:  # noqa: C901 - one case for each action
    """Do one step. Raises ReconcilerError."""
    world, platform = executor.world, executor.platform
    match step:
        case ProvisionPlatform(spec=spec):
            world.terraform.apply("platform", None, _variables(platform, None, spec), say)
        case ProvisionTraining(project=project, spec=spec):
            world.terraform.apply("training", project, _variables(platform, project, spec), say)
        case ProvisionDeployment(project=project, spec=spec):
            world.terraform.apply("deployment", project, _variables(platform, project, spec), say)
        case BuildTrainingImage():
            _build_training(step, world, say)
        case BuildModelImage(model=model, version=version, image=image):
            world.images.build_model(model, version, image, say)
        case Train():
            _train(step, executor, say)
        case RegisterModel(model=model, run_id=run_id, logged_model=logged_model):
            registered = world.registry.register(model, run_id, logged_model)
            say(f"registered as version {registered.number} of {model}")
        case Deploy() | Update() | Repair():
            _roll_out(step, executor, say)
        case RestoreGuardrails(project=project, configuration=configuration, guardrails=guardrails):
            name = names.endpoint(platform, project)
            world.endpoints.guard(name, configuration, guardrails)
            world.endpoints.settle(name, say)
        case RetireDeployment() | RetireTraining():
            _retire(step, executor, say)
        case Pending():
            _await(step, executor, say)


def _variables(platform: Platform, project: str | None, spec: Spec) -> dict[str, Any]:
    named = {"project": project} if project else {}
    return {"platform": platform.name, "environment": platform.environment, **named, **spec}


def _build_training(action: BuildTrainingImage, world: World, say: Say) -> None:
    with tempfile.TemporaryDirectory(prefix="reconcile-export-") as folder:
        world.sources.export(action.source.commit, action.source.path, Path(folder))
        world.images.build_training(Path(folder), action.image, say)


def _train(action: Train, executor: Executor, say: Say) -> None:
    """A job of this digest that is still active is found again, never submitted twice."""
    world = executor.world
    found = world.jobs.find((action.queue,), action.job)
    active = next((job.id for name, job in found if name == action.job and job.status is JobStatus.ACTIVE), None)
    job_id = active or _submit(action, world)
    say(f"job {job_id} is under way")
    if not executor.wait:
        return
    job = world.jobs.wait(job_id, say)
    if job.status is JobStatus.FAILED:
        _close_runs(action, world)
        remedy = f"mend it and commit, or try the same source again: reconcile train {action.project}"
        raise TrainingFailed(f"training of {action.project} failed: {job.reason}", remedy)


def _submit(action: Train, world: World) -> str:
    run_id = world.registry.start_run(action.project, action.digest, action.revision, action.commit)
    job_id = world.jobs.submit(action.job, action.queue, action.definition, {"run_id": run_id})
    world.registry.link_job(run_id, job_id)
    return job_id


def _close_runs(action: Train, world: World) -> None:
    for run in world.registry.runs(action.project):
        if run.digest == action.digest and run.status.open:
            world.registry.end_run(run.id, killed=False)


def _roll_out(action: Deploy | Update | Repair, executor: Executor, say: Say) -> None:
    """Apply, and believe the endpoint alone: Terraform ends well although SageMaker rolled back."""
    world, platform = executor.world, executor.platform
    name = names.endpoint(platform, action.project)
    failed: TerraformFailed | None = None
    try:
        world.terraform.apply("deployment", action.project, _variables(platform, action.project, action.spec), say)
    except TerraformFailed as error:
        failed = error
    endpoint = world.endpoints.settle(name, say)
    wanted = names.configuration(platform, action.project, action.after.name)
    if failed and not _failed_on(endpoint, wanted):
        raise failed
    if reason := _refusal_reason(endpoint, wanted):
        _refuse(action.project, action.after, reason, world)
    world.state.forgive(action.project)


def _failed_on(endpoint: LiveEndpoint | None, configuration: str) -> bool:
    """Whether it was SageMaker that did not get this very configuration to serve, and nothing else that failed."""
    return endpoint is not None and endpoint.status == "Failed" and endpoint.configuration == configuration


def _refusal_reason(endpoint: LiveEndpoint | None, configuration: str) -> str | None:
    if endpoint is None:
        return "the endpoint is gone"
    if endpoint.status == "InService" and endpoint.configuration == configuration:
        return None
    serving = f"it serves {endpoint.configuration} and is {endpoint.status}"
    return endpoint.failure or f"SageMaker gives no reason; {serving}"


def _refuse(project: str, release: Release, reason: str, world: World) -> None:
    since = world.clock.now().isoformat(timespec="seconds")
    world.state.refuse(project, Refusal(release.name, reason, since))
    remedy = f"pin another version, or try this one again: reconcile retry {project}"
    raise RolloutRefused(f"SageMaker refused version {release.version} of {project}: {reason}", remedy)


# What a stack is destroyed with does not matter, but its variables must be valid.
_TOMBSTONES: Mapping[str, Spec] = {
    "training": {
        "image": "retired",
        "vcpu": 1,
        "memory": 2048,
        "gpu": 0,
        "compute": "fargate",
        "timeout": 60,
        "attempts": 1,
        "tracking_uri": "http://retired.invalid",
        "model": "retired",
        "protect": False,
        "owner": "",
        "code_digest": "",
    },
    "deployment": {"owner": "", "releases": [], "live": "", "code_digest": ""},
}


def _retire(action: RetireDeployment | RetireTraining, executor: Executor, say: Say) -> None:
    world, platform = executor.world, executor.platform
    kind = "deployment" if isinstance(action, RetireDeployment) else "training"
    if isinstance(action, RetireTraining):
        for job in action.jobs:
            world.jobs.terminate(job, "the project was retired")
    world.terraform.destroy(kind, action.project, _variables(platform, action.project, _TOMBSTONES[kind]), say)
    world.state.forget(names.project_key(platform.environment, action.project, kind))


def _await(pending: Pending, executor: Executor, say: Say) -> None:
    if pending.train:
        _train(pending.train, executor, say)
    if pending.endpoint:
        executor.world.endpoints.settle(pending.endpoint, say)
