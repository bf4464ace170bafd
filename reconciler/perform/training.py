"""Trainings: their images, their jobs, and the runs they end."""

import tempfile
from pathlib import Path

from reconciler.core import names
from reconciler.core.actions import BuildTrainingImage, RegisterModel, Train
from reconciler.core.endings import Ending
from reconciler.core.observed import Job, JobStatus, Noted, TrainingRun
from reconciler.core.training_failures import explained, mend
from reconciler.errors import AnswerLost, ReadFailed, TrainingFailed
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
    world.registry.note_version(action.run_id, Noted(registered.number, action.model, action.run_id))
    say(f"registered as version {registered.number} of {action.model}")


def train(action: Train, executor: Executor, say: Say) -> None:
    """A job of this digest that is on its way, or has ended since this was planned, is found again."""
    world = executor.world
    job_id = _found(action, executor, say) or _submit(action, executor, say)
    say(f"job {job_id} is under way")
    if not executor.wait:
        return
    job = world.jobs.wait(job_id, say)
    if job.status is JobStatus.FAILED:
        _fail(job, action, executor)


def _fail(job: Job, action: Train, executor: Executor) -> None:
    """Note how the job ended, for those who did not wait for it, and say it. Raises TrainingFailed."""
    world = executor.world
    log, unread = log_tail(job.id, world)
    ending = Ending(job.reason, job.stopped, log, unread)
    runs = world.registry.runs(action.project)
    last = next((run for run in runs if run.job == job.id), None)
    for run in runs:
        if run is last:
            world.registry.note_ending(run.id, world.redact(job.reason), world.redact(log))
        if run.digest == action.digest and run.status.open:
            world.registry.end_run(run.id, killed=False)
    project = next(one for one in executor.desired.projects if one.name == action.project)
    found = explained(ending, project, executor.platform)
    raise TrainingFailed(f"training of {project.title} failed: {found.what}", found.remedy, found.detail)


def log_tail(job_id: str, world: World) -> tuple[str, str]:
    """The end of a failed job's log, or why it cannot be read: that must not hide why the job failed."""
    try:
        return world.jobs.log_tail(job_id), ""
    except ReadFailed as error:
        return "", error.what


def _found(action: Train, executor: Executor, say: Say) -> str | None:
    """Id of the digest's job, linked to its run, where the announcing reconciler died or lost the answer."""
    world = executor.world
    open_runs = (run for run in world.registry.runs(action.project) if run.digest == action.digest and run.status.open)
    run = next(open_runs, None)
    job = _seek(action, executor, run.announced if run else 0, say)
    if job is None:
        if run and run.job:
            _close(action, run, executor)
        return None
    if run and run.announced and not run.job:
        world.registry.link_job(run.id, job.id)
    return job.id


def _close(action: Train, run: TrainingRun, executor: Executor) -> None:
    """End a run whose job is no more. Raises TrainingFailed when nobody knew that."""
    executor.world.registry.end_run(run.id, killed=False)
    if run.job not in action.ended and not run.ending:
        title = executor.desired.title_of(action.project)
        what = f"job {run.job} of {title} is gone from Batch, and MLflow run {run.id} never ended"
        raise TrainingFailed(what, mend(title))


def _submit(action: Train, executor: Executor, say: Say) -> str:
    world = executor.world
    run_id = world.registry.start_run(action.project, action.digest, action.revision, action.commit, action.asked)
    try:
        job_id = _announced(run_id, action, world)
    except AnswerLost as error:
        say(error.what)
        job = _seek(action, executor, int(world.clock.now().timestamp() * 1000), say)
        job_id = job.id if job else _announced(run_id, action, world)
    world.registry.link_job(run_id, job_id)
    return job_id


def _announced(run_id: str, action: Train, world: World) -> str:
    world.registry.announce(run_id, world.clock.now())
    env = {"RECONCILER_PARAMETERS": action.asked} if action.asked else {}
    return world.jobs.submit(action.job, action.queue, action.definition, {"run_id": run_id}, env)


def _seek(action: Train, executor: Executor, since: int, say: Say) -> Job | None:
    return executor.world.jobs.seek(names.queues(executor.platform), action.job, action.ended, since, say)
