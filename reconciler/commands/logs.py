"""`reconcile logs`: what a training job, an endpoint's containers or the builder of an image wrote."""

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from reconciler.commands.known import check_known
from reconciler.core import names
from reconciler.core.desired import Platform
from reconciler.core.logs import LogLine, LogNote, chosen_job
from reconciler.core.observed import Job
from reconciler.errors import ReadFailed, ReconcilerError
from reconciler.intake import take_in
from reconciler.ports import World
from reconciler.reconcile import check_account
from reconciler.render.progress import waiting
from reconciler.render.screen import tell
from reconciler.settings import Settings
from reconciler.wiring import open_world

INSTANCES = 5
"""Instances of an endpoint whose streams are read: the newest."""
BUILDS = ("BuildTrainingImage", "BuildModelImage")
"""Steps of a run that make an image, as the history names them."""
REMEMBERED = 200
"""Runs of the history that are looked at: each is an object in the state bucket."""

Told = Iterable[LogLine | LogNote]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which log."""

    follow: bool = False
    attempt: int | None = None
    endpoint: bool = False
    build: bool = False


def logs_command(path: Path, name: str, wanted: Wanted) -> None:
    """Show one log of a project on standard output, and what there is to know of it on standard error.

    Raises ReconcilerError when there is no such project, or no such log; Interrupted.
    """
    settings = Settings.read()
    intake = take_in(path, settings)
    desired = intake.desired
    with open_world(intake, settings) as world:
        check_account(desired.platform, world.account.id())
        check_known(name, desired, world)
        find = _of_build if wanted.build else _of_endpoint if wanted.endpoint else _of_job
        told = find(desired.name_of(name), name, wanted, desired.platform, world)
        if not wanted.follow:
            _print(told, world.redact)
            return
        # What moves is drawn on the terminal: it must not take what goes into a pipe with it.
        with waiting(f"following the log of {name}", settings, moving=sys.stdout.isatty()):
            _print(told, world.redact)


def _print(told: Told, redact: Callable[[str], str]) -> None:
    for one in told:
        tell(redact(str(one) if isinstance(one, LogLine) else one.text), stderr=isinstance(one, LogNote))
        (sys.stderr if isinstance(one, LogNote) else sys.stdout).flush()


def _of_job(project: str, name: str, wanted: Wanted, platform: Platform, world: World) -> Told:
    job = chosen_job(_jobs(project, platform, world), follow=wanted.follow)
    if job is not None:
        yield from world.logs.of_job(job.id, wanted.attempt, follow=wanted.follow)
        return
    group = names.training_log_group(platform, project)
    if not world.logs.streams(group):
        what = f"{name} has no training job, and {group} holds no log of one"
        raise ReadFailed(what, f"Batch forgets ended jobs after a week; start one: reconcile train {name}")
    yield LogNote(f"Batch knows no job of {name} any more: this is the newest log in {group}")
    yield from world.logs.of_streams(group, 1, follow=False)


def _jobs(project: str, platform: Platform, world: World) -> list[Job]:
    found = world.jobs.find(names.queues(platform), f"{names.prefix(platform)}-{project}-")
    return [job for called, job in found if (names.project_of_job(platform, called) or ("",))[0] == project]


def _of_endpoint(project: str, name: str, wanted: Wanted, platform: Platform, world: World) -> Told:
    endpoint = names.endpoint(platform, project)
    group = names.log_group(endpoint)
    streams = world.logs.streams(group)
    if streams is None:
        what = f"there is no log group {group}: {name} has no endpoint"
        raise ReadFailed(what, "it is made when a version is pinned and reconciled")
    if not streams:
        there = world.endpoints.find(endpoint).get(endpoint)
        state = f"is {there.status}" if there else "does not exist"
        yield LogNote(f"{group} holds no line: endpoint {endpoint} {state}, and containers write when they start")
    yield from world.logs.of_streams(group, INSTANCES, follow=wanted.follow)


def _of_build(project: str, name: str, _wanted: Wanted, platform: Platform, world: World) -> Told:
    repositories = (names.training_repository(platform, project), names.model_repository(platform, project))
    found = world.builds.newest(repositories)
    if found is None:
        raise ReadFailed(f"no image of {name} was built on this machine", _elsewhere(name, world))
    yield LogNote(f"build of {found.image}, begun {found.began}")
    yield from map(LogLine, found.lines)


def _elsewhere(name: str, world: World) -> str:
    """Where the newest build was, as far as the history tells."""
    kept = "what a build says is kept where it runs: in CI it is in the log of the job that ran reconcile"
    try:
        records = world.history.records(REMEMBERED)
    except ReconcilerError:
        return kept
    for record in records:
        if any(one.project == name and set(one.steps) & set(BUILDS) for one in record.projects):
            return f"{kept}; the newest that is known of: run {record.run} of {record.actor}" + (
                f", {record.url}" if record.url else ""
            )
    return kept
