"""A world in which every action does just what it says: what the planner's properties are checked against."""

from dataclasses import replace

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
from reconciler.core.desired import DesiredState
from reconciler.core.observed import (
    DeploymentStack,
    LiveEndpoint,
    ModelVersion,
    Noted,
    ObservedProject,
    ObservedState,
    PlatformStack,
    RunStatus,
    StoredImage,
    TrainingRun,
    TrainingStack,
)
from reconciler.core.release import Release
from reconciler.core.verdict import Plan
from support.builders import NETWORK


def after(plan: Plan, world: ObservedState, desired: DesiredState) -> ObservedState:
    """The world once every action of the plan was done."""
    for action in plan.actions:
        world = _perform(action, world, desired)
    return world


def _perform(action: Action, world: ObservedState, desired: DesiredState) -> ObservedState:
    if isinstance(action, ProvisionPlatform):
        return replace(world, platform=PlatformStack(action.spec, NETWORK))
    seen = world.projects.get(action.project) or ObservedProject(action.project)
    return replace(world, projects={**world.projects, action.project: _moved(action, seen, desired)})


def _moved(action: Action, seen: ObservedProject, desired: DesiredState) -> ObservedProject:
    match action:
        case ProvisionTraining(spec=spec):
            return replace(seen, training=TrainingStack(spec))
        case BuildTrainingImage(image=image):
            return replace(seen, training_images=seen.training_images | {_tag(image)})
        case Train():
            return _trained(action, seen)
        case RegisterModel(run_id=run_id):
            return replace(seen, versions=(*seen.versions, _next_version(seen, run_id)))
        case ProvisionDeployment(spec=spec):
            return replace(seen, deployment=DeploymentStack(spec))
        case BuildModelImage(version=version, image=image):
            assert version in seen.versions, "built from a version that is not there"
            return replace(seen, model_images={**seen.model_images, _tag(image): StoredImage()})
        case Deploy() | Update() | Repair():
            return _rolled_out(action, seen, desired)
        case RestoreGuardrails():
            assert seen.endpoint, "guardrails for no endpoint"
            return replace(seen, endpoint=replace(seen.endpoint, guarded=True))
        case RetireDeployment():
            return replace(seen, deployment=None, endpoint=None, model_images={})
        case RetireTraining():
            return replace(seen, training=None, jobs=(), training_images=frozenset())
        case _:
            raise AssertionError(f"the model world does not know {action}")


def _tag(image: str) -> str:
    return image.rsplit(":", 1)[1]


def _trained(action: Train, seen: ObservedProject) -> ObservedProject:
    assert seen.training, "trained without a job definition"
    assert action.digest[:12] in seen.training_images, "trained without an image"
    name = f"run-{len(seen.runs) + 1}-{action.digest[:4]}"
    run = TrainingRun(name, action.digest, action.revision, RunStatus.FINISHED, 9, registered=Noted())
    version = _next_version(seen, run.id)
    return replace(seen, runs=(run, *seen.runs), versions=(*seen.versions, version))


def _next_version(seen: ObservedProject, run_id: str) -> ModelVersion:
    return ModelVersion(max((version.number for version in seen.versions), default=0) + 1, run_id)


def _rolled_out(action: Deploy | Update | Repair, seen: ObservedProject, desired: DesiredState) -> ObservedProject:
    assert seen.deployment, "rolled out without a stack"
    assert action.after.tag in seen.model_images, "rolled out without an image"
    releases = tuple(Release.from_variable(one) for one in action.spec["releases"])
    assert action.after in releases, "the live release is not among the releases"
    configuration = names.configuration(desired.platform, seen.name, action.after.name)
    name, count = names.endpoint(desired.platform, seen.name), action.after.instances or None
    endpoint = LiveEndpoint(name, "InService", configuration, instances=count)
    stack = DeploymentStack(action.spec, releases, action.spec["live"])
    return replace(seen, deployment=stack, endpoint=endpoint, refusals=())
