"""`reconcile bootstrap`, `reconcile mlflow-server up | down` and `reconcile teardown`."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import click

from reconciler import foundation
from reconciler.apply import Report
from reconciler.commands.loop import looking, steps_of, under_lease, wish
from reconciler.commands.vpn import certificates, enforce_revocations, forget_authority, known_certificates
from reconciler.core import names
from reconciler.core.actions import PlatformAction
from reconciler.errors import Refused
from reconciler.intake import Intake, take_in
from reconciler.ports import World
from reconciler.reconcile import Proposal, check_objections, exit_code, find_objections
from reconciler.render.progress import progress_on, waiting
from reconciler.render.screen import screen
from reconciler.render.text import show_proposal, show_reports, show_steps
from reconciler.settings import Settings
from reconciler.tenure import Run
from reconciler.wiring import open_world

Steps = tuple[PlatformAction, ...]


def bootstrap_command(path: Path, *, dry_run: bool) -> int:
    """Make the state bucket and the roles as the manifest says."""
    settings = Settings.read()
    intake = take_in(path, settings)
    with open_world(intake, settings, founding=True) as world:
        find = foundation.bootstrap_steps
        if dry_run:
            return _show("bootstrap", lambda: find(intake.desired, world), intake, world)
        with under_lease(intake, world, wish(intake, founding=True)) as run:
            return run.journal.ended(_do("bootstrap", lambda: find(intake.desired, run.world), intake, run))


def server_up_command(path: Path, *, dry_run: bool) -> int:
    """Make the MLflow server as the manifest says."""
    settings = Settings.read()
    intake = take_in(path, settings)

    with open_world(intake, settings) as world:
        if dry_run:
            known = partial(known_certificates, intake, settings)
            return _show("mlflow-server", lambda: foundation.server_steps(intake.desired, world, known), intake, world)
        with under_lease(intake, world, wish(intake)) as run:
            # No certificate is made for a server that may not be changed now.
            find = known_certificates if find_objections(intake.desired, run.world) else certificates
            vpn = partial(find, intake, settings)
            code = _do("mlflow-server", lambda: foundation.server_steps(intake.desired, run.world, vpn), intake, run)
            if code == 0 and intake.desired.platform.server and intake.desired.platform.server.vpn_cidr:
                # A VPN endpoint that was made anew knows of nobody who was shut out.
                enforce_revocations(intake, settings)
            run.journal.ended(code)
    if code == 0:
        where = "" if intake.sandbox else ", inside its VPC and VPN only"
        click.echo(f"MLflow answers at {intake.desired.platform.tracking_uri}{where}")
    return code


def server_down_command(path: Path, *, dry_run: bool) -> int:
    """Destroy the MLflow server, unless something needs it."""
    settings = Settings.read()
    intake = take_in(path, settings)
    with open_world(intake, settings) as world:
        find = foundation.server_retirement
        if dry_run:
            return _show("mlflow-server", lambda: find(intake.desired, world), intake, world)
        with under_lease(intake, world, wish(intake)) as run:
            code = _do("mlflow-server", lambda: find(intake.desired, run.world), intake, run)
            if code == 0:
                forget_authority(intake, settings)
            return run.journal.ended(code)


def teardown_command(path: Path, *, confirm: Callable[[str], bool]) -> int:
    """Retire everything that the environment has."""
    settings = Settings.read()
    intake = take_in(path, settings)
    console = screen(settings)
    name = names.prefix(intake.desired.platform)
    if not confirm(name):
        raise Refused(f"{name} is not torn down: nobody typed its name", "type it when you are asked, or say --yes")
    with open_world(intake, settings) as world, under_lease(intake, world, wish(intake)) as run:
        with progress_on(console, settings, looking(intake)) as progress:

            def begin(proposal: Proposal) -> None:
                show_proposal(proposal, console)
                console.print()
                progress.expect(steps_of(proposal, wait=True))

            show = run.journal.showing(begin, wait=True)
            rounds, last = foundation.teardown(intake.desired, run.world, run.journal.listening(progress), show)
        show_reports([*(report for _, report in rounds), *((last,) if last else ())], console)
        if last is None:
            return run.journal.ended(exit_code(rounds, detailed=False) or Refused.exit_code)
        if not last.stops:
            forget_authority(intake, settings)
        return run.journal.ended(exit_code_of(last))


def _show(name: str, find: Callable[[], Steps], intake: Intake, world: World) -> int:
    steps = _found(find, intake)
    show_steps(name, steps, screen(Settings.read()))
    if steps:
        check_objections(intake.desired, world)
    return 0


def _do(name: str, find: Callable[[], Steps], intake: Intake, run: Run) -> int:
    settings = Settings.read()
    console, steps = screen(settings), _found(find, intake)
    show_steps(name, steps, console)
    if not steps:
        return 0
    check_objections(intake.desired, run.world)
    run.journal.planned(steps)
    console.print()
    with progress_on(console, settings, idle="") as progress:
        progress.expect({name: steps})
        report = foundation.carry_out(name, steps, intake.desired, run.world, run.journal.listening(progress))
    show_reports([report], console)
    return exit_code_of(report)


def _found(find: Callable[[], Steps], intake: Intake) -> Steps:
    with waiting(looking(intake), Settings.read()):
        return find()


def exit_code_of(report: Report) -> int:
    """0, or the code of the failure."""
    return max((failure.error.exit_code for failure in report.stops), default=0)
