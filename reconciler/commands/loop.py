"""`reconcile`, and the commands that are one reconcile with something asked in words."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any

import click
from rich.console import Console

from reconciler.apply import Report
from reconciler.commands.base import check_base
from reconciler.commands.explained import explained
from reconciler.commands.known import check_known
from reconciler.commands.parameters import check_parameters, given_parameters
from reconciler.commands.planfile import PlanFile, plan_file, planned_options
from reconciler.core import names
from reconciler.core.desired import AsyncEndpoint, Demands, DesiredState
from reconciler.errors import PredictionFailed, ReconcilerError
from reconciler.intake import Intake, take_in
from reconciler.ports import World
from reconciler.reconcile import Options, Proposal, check_account, exit_code, propose, reconcile
from reconciler.render.document import document, run_document
from reconciler.render.markdown import markdown, markdown_of
from reconciler.render.progress import Steps, progress_on, waiting
from reconciler.render.screen import screen, tell
from reconciler.render.text import show_proposal, show_reports
from reconciler.settings import Settings
from reconciler.tenure import Run, Wish, hold
from reconciler.wiring import open_world

Rounds = tuple[tuple[Proposal, Report], ...]
Show = Callable[[Proposal, Console], None]
"""Prints one plan."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """What is different about a reconcile that a watch starts."""

    cancel: Event | None = None
    """Is set when somebody asks to stop; None: SIGINT and SIGTERM are listened to."""
    show: Show = show_proposal
    """Is given each plan before it is carried out."""
    trigger: str = ""
    """Why it runs; empty: the environment says."""


BY_HAND = Occasion()


def reconcile_command(
    path: Path, projects: Sequence[str], allowed: tuple[Sequence[str], Sequence[str]], chosen: Mapping[str, Any]
) -> int:
    """Show the plan, and unless it is a dry run, carry it out.

    `allowed` are the names that --allow-retire and --despite-alarm were given.
    """
    allow_retire, despite_alarm = allowed
    options = Options(
        projects=frozenset(projects),
        allow_retire=frozenset(allow_retire),
        demands=Demands(despite_alarm=frozenset(despite_alarm)),
        wait=chosen["wait"],
        parallelism=chosen["parallelism"],
    )
    with plan_file(chosen["out"]) as file:
        return reconcile_with(path, options, chosen, file)


def train_command(path: Path, name: str, parameters: Sequence[str], chosen: Mapping[str, Any]) -> int:
    """Reconcile one project, and train it once more, with parameters `KEY=VALUE` of this training alone."""
    return _demand(path, name, Demands(train=frozenset({name}), parameters=given_parameters(parameters)), chosen)


def retry_command(path: Path, name: str, chosen: Mapping[str, Any]) -> int:
    """Reconcile one project, and try once more what SageMaker refused."""
    return _demand(path, name, Demands(retry=frozenset({name})), chosen)


def _demand(path: Path, name: str, demands: Demands, chosen: Mapping[str, Any]) -> int:
    only = frozenset({name})
    options = Options(projects=only, demands=demands, wait=chosen["wait"], parallelism=chosen["parallelism"])
    with plan_file(chosen["out"]) as file:
        return reconcile_with(path, options, chosen, file)


def reconcile_with(
    path: Path, options: Options, chosen: Mapping[str, Any], file: PlanFile, occasion: Occasion = BY_HAND
) -> int:
    """Reconcile with options that were understood already; returns the exit code."""
    with explained(path, "plan", chosen["output"]) as known:
        settings = Settings.read()
        if chosen.get("base"):
            check_base(path, chosen["base"], settings)
        intake = take_in(path, settings)
        known.platform = file.platform = intake.desired.platform
        check_parameters(options.demands, intake.desired)
        if chosen.get("plan"):
            options = planned_options(chosen["plan"], file.platform, options)
        return _reconcile(intake, options, chosen, file, occasion)


def _reconcile(intake: Intake, options: Options, chosen: Mapping[str, Any], file: PlanFile, occasion: Occasion) -> int:
    settings = Settings.read()
    with open_world(intake, settings, cancel=occasion.cancel) as world:
        if not chosen["dry_run"]:
            ours = wish(intake, chosen.get("lock_timeout", 0), trigger=occasion.trigger)
            with under_lease(intake, world, ours) as run:
                rounds = _carry_out(intake, run, options, chosen["output"], settings, occasion.show)
                file.content = run_document(rounds)
                return run.journal.ended(exit_code(rounds, detailed=False))
        with waiting(looking(intake), settings):
            proposal = propose(intake.desired, world, options)
        _show(proposal, chosen["output"], settings)
        file.content = document(proposal)
        return exit_code(((proposal, None),), detailed=chosen["detailed_exitcode"])


def wish(intake: Intake, patience: float = 0.0, *, founding: bool = False, trigger: str = "") -> Wish:
    """The lease of the manifest's environment, waited for so many seconds."""
    platform = intake.desired.platform
    return Wish(platform.environment, names.prefix(platform), patience, founding, trigger)


@contextmanager
def under_lease(intake: Intake, world: World, ours: Wish) -> Iterator[Run]:
    """Hold the lease, unless the credentials are for another account: nothing is written there, not even that."""
    if intake.desired.platform.account:
        check_account(intake.desired.platform, world.account.id())
    patience = f", for {ours.patience:g} s at most" if ours.patience else ""
    with ExitStack() as stack:
        with waiting(f"getting the lease of {ours.name}{patience}", Settings.read()):
            run = stack.enter_context(hold(world, ours, tell))
        yield run


def looking(intake: Intake) -> str:
    """What takes its time before there is a plan."""
    return f"looking at what {names.prefix(intake.desired.platform)} holds"


def _carry_out(intake: Intake, run: Run, options: Options, output: str, settings: Settings, show: Show) -> Rounds:
    console = screen(settings, stderr=output != "text")
    with progress_on(console, settings, looking(intake), wait=options.wait) as progress:

        def begin(proposal: Proposal) -> None:
            show(proposal, console)
            console.print()
            progress.expect(steps_of(proposal, wait=options.wait))

        noted = run.journal.showing(begin, wait=options.wait)
        rounds = reconcile(intake.desired, run.world, options, run.journal.listening(progress), noted)
    show_reports([report for _, report in rounds], console)
    if output == "json":
        click.echo(json.dumps(run_document(rounds), indent=2))
    if output == "markdown":
        click.echo(markdown_of(rounds), nl=False)
    return rounds


def steps_of(proposal: Proposal, *, wait: bool) -> Mapping[str, Steps]:
    """What is going to be done for each project, in its order."""
    return {one.name: (*one.actions, *(one.pending if wait else ())) for one in proposal.plan.projects}


def _show(proposal: Proposal, output: str, settings: Settings) -> None:
    match output:
        case "json":
            click.echo(json.dumps(document(proposal), indent=2))
        case "markdown":
            click.echo(markdown(proposal), nl=False)
        case _:
            show_proposal(proposal, screen(settings))


def invoke_command(path: Path, project: str, body: bytes, content_type: str) -> str:
    """Send one request to a project's endpoint; returns its answer."""
    settings = Settings.read()
    intake = take_in(path, settings)
    known = intake.desired.name_of(project)
    name = names.endpoint(intake.desired.platform, known)
    with open_world(intake, settings) as world:
        check_account(intake.desired.platform, world.account.id())
        endpoint = world.endpoints.find(name).get(name)
        if endpoint is None:
            check_known(project, intake.desired, world)
            raise ReconcilerError(f"{project} has no endpoint", "pin a version in the manifest, and reconcile")
        if not endpoint.answers:
            why = f": {endpoint.failure}" if endpoint.failure else ""
            what = f"nothing of {project} answers, for its endpoint is {endpoint.status}{why}"
            raise PredictionFailed(what, f"its containers' log may say more: reconcile logs {project} --endpoint")
        with waiting(f"waiting for the answer of {project}", settings):
            if _is_async(intake.desired, project):
                bucket = names.data_bucket(intake.desired.platform, known, world.account.id())
                answer = world.endpoints.invoke_async(name, bucket, body, content_type)
            else:
                answer = world.endpoints.invoke(name, body, content_type)
        click.echo(f"{endpoint.configuration} answers:", err=True)
        return answer.decode(errors="replace")


def _is_async(desired: DesiredState, name: str) -> bool:
    wanted = next((project.deployment for project in desired.projects if project.title == name), None)
    return wanted is not None and isinstance(wanted.endpoint, AsyncEndpoint)
