"""What trainings made: which runs answer what git asks for, their versions, and what is noted on them."""

from dataclasses import dataclass

from reconciler.core.desired import Project, Run
from reconciler.core.observed import JobStatus, ModelVersion, Noted, ObservedProject, RunStatus, TrainingRun


def answers(run: TrainingRun, project: Project) -> bool:
    """Whether a run is the one that git asks for now."""
    if run.asked:
        return False
    if project.training.run is Run.MANUAL:
        return run.revision == project.training.revision
    return run.digest == project.source.digest


def newest_version(project: Project, seen: ObservedProject) -> int:
    """The newest version that comes from what git asks for now; 0 when none does."""
    made = (version_of(run, seen.versions) for run in finished_runs(project, seen))
    return max((version.number for version in made if version), default=0)


def version_of(run: TrainingRun, versions: tuple[ModelVersion, ...]) -> ModelVersion | None:
    """The newest version that comes from a run, or from a run nested in it."""
    ours = {run.id, *run.nested}
    return next((one for one in reversed(versions) if one.run_id in ours or _is_noted(one, run)), None)


def _is_noted(version: ModelVersion, run: TrainingRun) -> bool:
    """Whether it was once seen to be the run's. A number alone proves nothing: another model may have got it since."""
    noted = run.registered
    return noted is not None and (version.number, version.run_id) == (noted.number, noted.run)


def finished_runs(project: Project, seen: ObservedProject) -> list[TrainingRun]:
    """Runs that answer what git asks for and are over; what a job did that still runs, its next attempt does anew."""
    busy = {job.id for job in seen.jobs if job.status is JobStatus.ACTIVE}
    finished = (run for run in seen.runs if run.status is RunStatus.FINISHED and run.job not in busy)
    return [run for run in finished if answers(run, project)]


def settled_versions(seen: ObservedProject) -> tuple[ModelVersion, ...]:
    """Every version but those of trainings of ours that have not ended: another attempt may make them anew."""
    busy = {job.id for job in seen.jobs if job.status is JobStatus.ACTIVE}
    unended = {run.id for run in seen.runs if run.status.open or run.job in busy}
    return tuple(version for version in seen.versions if version.run_id not in unended)


def without_version(project: Project, seen: ObservedProject) -> TrainingRun | None:
    """The newest run that answers what git asks for, if it is over and no version is known to be its own."""
    run = next((run for run in seen.runs if answers(run, project)), None)
    over = run is not None and run in finished_runs(project, seen)
    return run if over and run and not version_of(run, seen.versions) else None


@dataclass(frozen=True, slots=True)
class VersionNote:
    """That a version was seen of a run: one that is deleted later is not registered again."""

    run: str
    seen: Noted


@dataclass(frozen=True, slots=True)
class EndingNote:
    """Why the job of a run failed: Batch forgets that within a week."""

    run: str
    reason: str
    log: str


Note = VersionNote | EndingNote


def notes_of(project: Project, seen: ObservedProject) -> tuple[Note, ...]:
    """What is to be noted on the runs that answer what git asks for, and is not yet."""
    runs = tuple(run for run in seen.runs if answers(run, project))
    made = ((run, version_of(run, seen.versions)) for run in finished_runs(project, seen))
    noted = ((run, Noted(version.number, project.model, version.run_id)) for run, version in made if version)
    versions = tuple(VersionNote(run.id, one) for run, one in noted if one != run.registered)
    begun = tuple(VersionNote(run.id, Noted()) for run in runs if run.status.open and run.registered is None)
    return (*versions, *begun, *_ending_notes(runs, seen))


def _ending_notes(runs: tuple[TrainingRun, ...], seen: ObservedProject) -> tuple[EndingNote, ...]:
    """Of each failed job whose last attempt's run says nothing of it yet."""
    failed = {job.id: job for job in seen.jobs if job.status is JobStatus.FAILED}
    last = {run.job: run for run in reversed(runs) if run.job in failed}
    return tuple(
        EndingNote(run.id, failed[job].reason, failed[job].log)
        for job, run in last.items()
        if run.status is not RunStatus.FINISHED and (not run.ending or (failed[job].log and not run.log))
    )
