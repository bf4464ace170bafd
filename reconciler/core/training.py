"""Is a project trained, and what has to be done about it?"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Enum, auto
from itertools import takewhile
from typing import Any

from reconciler.core import names
from reconciler.core.actions import BuildTrainingImage, ProvisionTraining, RegisterModel, Train
from reconciler.core.desired import DesiredState, Pairs, Project, Run
from reconciler.core.diff import changes
from reconciler.core.endings import Ending, Fault, judge, pause
from reconciler.core.observed import Job, JobStatus, ObservedProject, RunStatus, TrainingRun
from reconciler.core.parameters import all_parameters
from reconciler.core.since import since
from reconciler.core.specs import training_spec
from reconciler.core.trained import answers, newest_version, version_of
from reconciler.core.training_failures import explained, mend
from reconciler.core.verdict import Health, Part, Pending, Problem

ASKED_FOR = "somebody asked for it"
NO_WORD = "Batch gives no reason"
PATIENT = 2
"""Failures in a row, none of them the code's, after which a person should know."""


class Progress(Enum):
    """How far the training that git asks for has come."""

    TRAINED = auto()
    IDLE = auto()
    """Manual, and nobody asked."""
    DUE = auto()
    WAITING = auto()
    """It failed through no fault of its own, and is tried again after a pause."""
    UNDER_WAY = auto()
    UNREGISTERED = auto()
    """The run finished, logged one model and registered none."""
    DELETED = auto()
    """The run finished, and somebody deleted its version."""
    FAILED = auto()

    @property
    def makes_version(self) -> bool:
        """Whether a version is on its way."""
        return self in (Progress.DUE, Progress.WAITING, Progress.UNDER_WAY, Progress.UNREGISTERED)


@dataclass(frozen=True, slots=True)
class TrainingState:
    """Progress, with the run it was read from and the reason, of a failure or of a training that is due."""

    progress: Progress
    run: TrainingRun | None = None
    reason: str = ""
    remedy: str = ""
    """Of a failure: what to do."""
    ending: Ending | None = None
    """How its job failed, if it is that."""
    tries: int = 0
    """Failures in a row that were not the code's."""


def training_state(
    project: Project, seen: ObservedProject, now: int = 0, *, force: bool = False, given: Pairs = ()
) -> TrainingState:
    """Read the progress of a project's training from its jobs, runs and versions.

    `now` is when they were read, in milliseconds since the epoch. `force` asks for one more training of what is not
    about to be trained; with parameters `given` by hand, for one of another kind, whatever is about to be trained.
    """
    state = _state(project, seen, now)
    begun = state.progress in (Progress.DUE, Progress.UNDER_WAY, Progress.UNREGISTERED) and not given
    return TrainingState(Progress.DUE, reason=ASKED_FOR) if force and not begun else state


def unexplained_job(project: Project, seen: ObservedProject) -> Job | None:
    """The failed job whose log says why a project is not trained; None when nothing, or nothing more, is to be said."""
    job = _newest_job(project, seen)
    if job is None or job.status is not JobStatus.FAILED or _state(project, seen, 0).progress is not Progress.FAILED:
        return None
    return None if any(run.log for run in seen.runs if run.job == job.id) else job


def _newest_job(project: Project, seen: ObservedProject) -> Job | None:
    digests = {project.source.digest, *(run.digest for run in seen.runs if answers(run, project))}
    return next((job for job in seen.jobs if any(digest.startswith(job.digest) for digest in digests)), None)


def _state(project: Project, seen: ObservedProject, now: int) -> TrainingState:
    if newest_version(project, seen):
        return TrainingState(Progress.TRAINED)
    job = _newest_job(project, seen)
    if job and job.status is JobStatus.ACTIVE:
        return TrainingState(Progress.UNDER_WAY)
    run = next((run for run in seen.runs if answers(run, project)), None)
    return _ended(project, seen, job, run, now) or _unstarted(project)


def _ended(
    project: Project, seen: ObservedProject, job: Job | None, run: TrainingRun | None, now: int
) -> TrainingState | None:
    """What came of the newest job and the newest run; None when neither has ended."""
    if run and run.status is RunStatus.FINISHED:
        return _finished(run, project)
    if job and job.status is JobStatus.SUCCEEDED:
        what = "the job succeeded, but its MLflow run is still open: does the code train in the run that it is given?"
        return _failed(project, what, run)
    if (job or (run and run.ending)) and (endings := _endings(project, seen)):
        return _after_failures(endings, run, now)
    if run and run.status in (RunStatus.FAILED, RunStatus.KILLED):
        return _failed(project, f"MLflow run {run.id} ended {run.status}", run)
    return None


def _unstarted(project: Project) -> TrainingState:
    by_hand = project.training.run is Run.MANUAL and project.training.revision == 0
    return TrainingState(Progress.IDLE if by_hand else Progress.DUE)


LATER = "nothing has to be done"


def _finished(run: TrainingRun, project: Project) -> TrainingState:
    """What a finished run is without a version. Nothing is registered that somebody may have deleted."""
    again = f"train once more: reconcile train {project.title}"
    noted = run.registered
    if noted and noted.number and noted.model == project.model:
        return TrainingState(Progress.DELETED, run, f"its version {noted.number} was deleted", again)
    if len(run.logged_models) == 1 and noted is None:
        what = f"MLflow run {run.id} of an earlier release has no version: it was deleted, or never registered"
        return TrainingState(Progress.DELETED, run, what, again)
    if len(run.logged_models) == 1:
        return TrainingState(Progress.UNREGISTERED, run)
    return _unregistrable(run, project)


def _unregistrable(run: TrainingRun, project: Project) -> TrainingState:
    logged = f"logged {len(run.logged_models)} models" if run.logged_models else "logged no model"
    logged += f" (its nested runs logged {run.nested_models})" if run.nested_models else ""
    reason = f"MLflow run {run.id} finished, {logged} and registered none as {project.model}"
    choose = 'registered_model_name=os.environ["RECONCILER_MODEL"]'
    if run.logged_models or run.nested_models:
        remedy = f"pass {choose} to log_model of the one to serve, and commit; or name its model in the manifest: model"
    else:
        remedy = (
            f"log one in the run that the code is given, such as mlflow.sklearn.log_model(…, {choose}), and commit; "
            "if it does, take mlflow.set_tracking_uri out: it went to another server"
        )
    return TrainingState(Progress.FAILED, run, reason, remedy)


def _failed(project: Project, reason: str, run: TrainingRun | None) -> TrainingState:
    return TrainingState(Progress.FAILED, run, reason, mend(project.title))


def _endings(project: Project, seen: ObservedProject) -> list[Ending]:
    """How the trainings failed that git asks for, the newest first: as Batch tells it, else as their runs remember."""
    runs = [run for run in seen.runs if answers(run, project)]
    digests = {project.source.digest, *(run.digest for run in runs)}
    jobs = [job for job in seen.jobs if any(digest.startswith(job.digest) for digest in digests)]
    logs = {run.job: run.log for run in reversed(runs) if run.log}
    told = [
        Ending(job.reason, job.stopped or job.created, job.log or logs.get(job.id, ""), job.log_unread)
        for job in jobs
        if job.status is JobStatus.FAILED
    ]
    known = {job.id for job in jobs}
    noted = [Ending(run.ending, run.ended, run.log) for run in runs if run.ending and run.job not in known]
    return sorted([*told, *noted], key=lambda ending: -ending.at)


def _after_failures(endings: list[Ending], run: TrainingRun | None, now: int) -> TrainingState:
    """What failed through no fault of its own is tried again, later each time; the newest ending is first."""
    newest, judgement = endings[0], judge(endings[0])
    if judgement.fault is not Fault.WORLD:
        return TrainingState(Progress.FAILED, run, ending=newest)
    tries = len(list(takewhile(lambda one: judge(one).fault is Fault.WORLD, endings)))
    reason = f"{judgement.said}; tried {tries} time{'s' if tries > 1 else ''}"
    again = newest.at + 1000 * pause(tries)
    if now >= again:
        return TrainingState(Progress.DUE, run, reason, tries=tries)
    when = f"{datetime.fromtimestamp(again / 1000, UTC):%H:%M} UTC"
    reason = f"{reason}; the next run after {when} tries again"
    remedy = f"AWS says: {newest.reason}; {judgement.remedy or LATER}"
    return TrainingState(Progress.WAITING, run, reason, remedy, tries=tries)


def plan_training(
    project: Project,
    seen: ObservedProject,
    state: TrainingState,
    desired: DesiredState,
    account: str,
    given: Pairs = (),
) -> Part:
    """Decide what a project's training needs. `given` are parameters of one that somebody asks for."""
    part = _plan_training(project, seen, state, desired, account, given)
    register = tuple(_unregistered(project, seen))
    return replace(part, actions=(*part.actions, *register), synced=part.synced and not register)


def _unregistered(project: Project, seen: ObservedProject) -> Iterator[RegisterModel]:
    """What trainings that somebody gave parameters by hand logged, and did not register."""
    for run in seen.runs:
        fresh = run.asked and run.status is RunStatus.FINISHED and run.registered and not run.registered.number
        if fresh and len(run.logged_models) == 1 and version_of(run, seen.versions) is None:
            reason = f"somebody asked for it with {run.asked}"
            yield RegisterModel(project.name, reason, project.model, run.id, run.logged_models[0])


def _plan_training(
    project: Project, seen: ObservedProject, state: TrainingState, desired: DesiredState, account: str, given: Pairs
) -> Part:
    repository = names.training_repository(desired.platform, project.name)
    tag = names.training_tag(project.source.digest)
    image = names.image(account, desired.platform.region, repository, tag)
    provision = _provision(project, seen, training_spec(project, desired, account, _image(seen, state, image)))
    match state.progress:
        case Progress.DUE:
            build = BuildTrainingImage(project.name, "new source", project.source, image)
            start = replace(_train(project, seen, desired, given), reason=state.reason or _need(seen))
            missing = () if tag in seen.training_images else (build,)
            return Part((*provision, *missing, start), synced=False, health=_due_health(seen, state.tries))
        case Progress.WAITING if state.tries <= PATIENT:
            wait = f"train again: {state.reason}"
            return Part(provision, waits=(wait,), synced=False, health=Health.PROGRESSING)
        case Progress.UNDER_WAY:
            began = next((job.created for job in seen.jobs if job.status is JobStatus.ACTIVE), 0)
            pending = Pending(f"training under way{since(began / 1000)}", train=_train(project, seen, desired))
            return Part(provision, (pending,), synced=False, health=Health.PROGRESSING)
        case Progress.UNREGISTERED if state.run:
            reason = f"the run logged one model and registered none as {project.model}"
            register = RegisterModel(project.name, reason, project.model, state.run.id, state.run.logged_models[0])
            return Part((*provision, register), synced=False, health=Health.PROGRESSING)
        case Progress.FAILED | Progress.WAITING | Progress.DELETED if not _is_wanted(state):
            health = _due_health(seen) if state.progress is Progress.DELETED else Health.DEGRADED
            problem = _problem(state, project, desired)
            return Part(provision, problems=(problem,), synced=False, health=health)
        case _:
            return Part(provision, synced=not provision)


def _is_wanted(state: TrainingState) -> bool:
    """Whether somebody deleted the version that was made: that is noted, and nothing is wrong."""
    return state.progress is Progress.DELETED and state.run is not None and state.run.registered is not None


def training_notes(project: Project, seen: ObservedProject, state: TrainingState) -> Iterator[str]:
    """What a person should know of trainings although nothing has to be done."""
    if _is_wanted(state):
        yield f"{state.reason}; to train the source once more: reconcile train {project.title}"
    last = next((job for job in seen.jobs if job.status is not JobStatus.ACTIVE), None)
    if state.progress is Progress.TRAINED and last and last.status is JobStatus.FAILED:
        yield f"its last training failed: {last.reason or NO_WORD}; see reconcile logs {project.title}"


def _problem(state: TrainingState, project: Project, desired: DesiredState) -> Problem:
    if state.ending:
        found = explained(state.ending, project, desired.platform)
        return replace(found, what=f"training failed: {found.what}")
    what = state.reason if state.progress is Progress.DELETED else f"training failed: {state.reason}"
    return Problem(what, state.remedy)


def _due_health(seen: ObservedProject, tries: int = 0) -> Health:
    if tries:
        return Health.PROGRESSING
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


def _train(project: Project, seen: ObservedProject, desired: DesiredState, given: Pairs = ()) -> Train:
    platform, source = desired.platform, project.source
    asked = all_parameters(project.training.inputs.parameters, given) if given else ""
    digest = asked_digest(source.digest, asked)
    return Train(
        project=project.name,
        reason=_need(seen),
        model=project.model,
        digest=digest,
        revision=project.training.revision,
        commit=source.commit,
        job=names.job(platform, project.name, digest),
        queue=names.queue(platform, project.training),
        definition=names.job_definition(platform, project.name),
        ended=tuple(job.id for job in seen.jobs if _is_over(job, digest)),
        asked=asked,
    )


def asked_digest(digest: str, asked: str) -> str:
    """64 hex digits for a source that somebody gives parameters by hand: it is not what git asks for."""
    return hashlib.sha256(f"{digest}\nasked {asked}\n".encode()).hexdigest() if asked else digest


def _is_over(job: Job, digest: str) -> bool:
    return digest.startswith(job.digest) and job.status is not JobStatus.ACTIVE
