"""Trainings: their images, their jobs, and the runs they end."""

import tempfile
from pathlib import Path

from reconciler.core.actions import BuildTrainingImage, RegisterModel, Train
from reconciler.core.observed import JobStatus
from reconciler.errors import TrainingFailed
from reconciler.perform.executor import Executor
from reconciler.ports import Say, World


def build_training(action: BuildTrainingImage, world: World, say: Say) -> None:
    """Build the image of a clean export."""
    with tempfile.TemporaryDirectory(prefix="reconcile-export-") as folder:
        world.sources.export(action.source.commit, action.source.path, Path(folder))
        world.images.build_training(Path(folder), action.image, say)


def register(action: RegisterModel, world: World, say: Say) -> None:
    """Register what a run logged."""
    registered = world.registry.register(action.model, action.run_id, action.logged_model)
    say(f"registered as version {registered.number} of {action.model}")


def train(action: Train, executor: Executor, say: Say) -> None:
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
