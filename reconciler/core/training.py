"""Is a project trained, and what has to be done about it?"""

from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Any

from reconciler.core import names
from reconciler.core.actions import BuildTrainingImage, ProvisionTraining, RegisterModel, Train
from reconciler.core.desired import DesiredState, Project, Run
from reconciler.core.diff import changes
from reconciler.core.observed import Job, JobStatus, ObservedProject, RunStatus, TrainingRun
from reconciler.core.specs import training_spec
from reconciler.core.verdict import Health, Part, Pending, Problem

ASKED_FOR = "somebody asked for it"


class Progress(Enum):
    """How far the training that git asks for has come."""

    TRAINED = auto()
    IDLE = auto()
    """Manual, and nobody asked."""
    DUE = auto()
    UNDER_WAY = auto()
    UNREGISTERED = auto()
    """The run finished, logged one model and registered none."""
    FAILED = auto()

    @property
    def makes_version(self) -> bool:
        """Whether a version is on its way."""
        return self in (Progress.DUE, Progress.UNDER_WAY, Progress.UNREGISTERED)


@dataclass(frozen=True, slots=True)
class TrainingState:
    """Progress, with the run it was read from and the reason, of a failure or of a training that is due."""

    progress: Progress
    run: TrainingRun | None = None
    reason: str = ""


def training_state(project: Project, seen: ObservedProject, *, force: bool = False) -> TrainingState:
    """Read the progress of a project's training from its jobs, runs and versions.

    `force` asks for one more training of what is trained, idle or failed already.
    """
    state = _state(project, seen)
    return TrainingState(Progress.DUE, reason=ASKED_FOR) if force and not state.progress.makes_version else state


def newest_version(project: Project, seen: ObservedProject) -> int:
    """The newest version that comes from what git asks for now; 0 when none does."""
    runs = {run.id for run in seen.runs if _answers(run, project)}
    return max((version.number for version in seen.versions if version.run_id in runs), default=0)


def _state(project: Project, seen: ObservedProject) -> TrainingState:
    runs = [run for run in seen.runs if _answers(run, project)]
    if {run.id for run in runs} & {version.run_id for version in seen.versions}:
        return TrainingState(Progress.TRAINED)
    digests = {project.source.digest, *(run.digest for run in runs)}
    job = next((job for job in seen.jobs if any(digest.startswith(job.digest) for digest in digests)), None)
    if job and job.status is JobStatus.ACTIVE:
        return TrainingState(Progress.UNDER_WAY)
    return _ended(job, runs[0] if runs else None) or _unstarted(project)


def _ended(job: Job | None, run: TrainingRun | None) -> TrainingState | None:
    if run and run.status is RunStatus.FINISHED:
        return _finished(run)
    if job:
        return TrainingState(Progress.FAILED, run, _why(job))
    if run and run.status in (RunStatus.FAILED, RunStatus.KILLED):
        return TrainingState(Progress.FAILED, run, f"MLflow run {run.id} ended {run.status}")
    return None


def _unstarted(project: Project) -> TrainingState:
    by_hand = project.training.run is Run.MANUAL and project.training.revision == 0
    return TrainingState(Progress.IDLE if by_hand else Progress.DUE)


def _answers(run: TrainingRun, project: Project) -> bool:
    """Whether a run is the one that git asks for now."""
    if project.training.run is Run.MANUAL:
        return run.revision == project.training.revision
    return run.digest == project.source.digest


def _finished(run: TrainingRun) -> TrainingState:
    if len(run.logged_models) == 1:
        return TrainingState(Progress.UNREGISTERED, run)
    logged = f"logged {len(run.logged_models)} models" if run.logged_models else "logged no model"
    return TrainingState(Progress.FAILED, run, f"MLflow run {run.id} finished, {logged} and registered none")


def _why(job: Job) -> str:
    if job.status is JobStatus.SUCCEEDED:
        return "the job succeeded, but its MLflow run is still open: does the code train in the run that it is given?"
    return job.reason or "the job failed"


def plan_training(
    project: Project, seen: ObservedProject, state: TrainingState, desired: DesiredState, account: str
) -> Part:
    """Decide what a project's training needs."""
    repository = names.training_repository(desired.platform, project.name)
    tag = names.training_tag(project.source.digest)
    image = names.image(account, desired.platform.region, repository, tag)
    provision = _provision(project, seen, training_spec(project, desired, account, _image(seen, state, image)))
    match state.progress:
        case Progress.DUE:
            build = BuildTrainingImage(project.name, "new source", project.source, image)
            start = replace(_train(project, seen, desired), reason=state.reason or _need(seen))
            missing = () if tag in seen.training_images else (build,)
            return Part((*provision, *missing, start), synced=False, health=_due_health(seen))
        case Progress.UNDER_WAY:
            pending = Pending("training under way", train=_train(project, seen, desired))
            return Part(provision, (pending,), synced=False, health=Health.PROGRESSING)
        case Progress.UNREGISTERED if state.run:
            reason = "the run logged one model and registered none"
            register = RegisterModel(project.name, reason, project.model, state.run.id, state.run.logged_models[0])
            return Part((*provision, register), synced=False, health=Health.PROGRESSING)
        case Progress.FAILED:
            remedy = f"mend it and commit, or try the same source again: reconcile train {project.title}"
            problem = Problem(f"training failed: {state.reason}", remedy)
            return Part(provision, problems=(problem,), synced=False, health=Health.DEGRADED)
        case _:
            return Part(provision, synced=not provision)


def _due_health(seen: ObservedProject) -> Health:
    return Health.HEALTHY if seen.versions else Health.MISSING


def _image(seen: ObservedProject, state: TrainingState, new: str) -> str:
    """The job definition only moves to another image when there is something to train."""
    if seen.training and state.progress is not Progress.DUE:
        return str(seen.training.spec.get("image", new))
    return new


def _provision(project: Project, seen: ObservedProject, spec: dict[str, Any]) -> tuple[ProvisionTraining, ...]:
    if seen.training is None:
        return (ProvisionTraining(project.name, "new project", spec),)
    differing = changes(seen.training.spec, spec)
    return (ProvisionTraining(project.name, "changed", spec, differing),) if differing else ()


def _need(seen: ObservedProject) -> str:
    return "new source" if seen.versions else "never trained"


def _train(project: Project, seen: ObservedProject, desired: DesiredState) -> Train:
    platform, source = desired.platform, project.source
    return Train(
        project=project.name,
        reason=_need(seen),
        model=project.model,
        digest=source.digest,
        revision=project.training.revision,
        commit=source.commit,
        job=names.job(platform, project.name, source.digest),
        queue=names.queue(platform, project.training),
        definition=names.job_definition(platform, project.name),
        ended=tuple(job.id for job in seen.jobs if _is_over(job, source.digest)),
    )


def _is_over(job: Job, digest: str) -> bool:
    return digest.startswith(job.digest) and job.status is not JobStatus.ACTIVE
