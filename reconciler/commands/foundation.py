"""`reconcile bootstrap`, `reconcile mlflow-server up | down` and `reconcile teardown`."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import click
from rich.console import Console

from reconciler import foundation
from reconciler.apply import Report
from reconciler.commands.loop import under_lease, wish
from reconciler.commands.vpn import certificates, enforce_revocations, forget_authority, known_certificates
from reconciler.core import names
from reconciler.core.actions import PlatformAction
from reconciler.errors import Refused
from reconciler.intake import Intake, take_in
from reconciler.ports import World
from reconciler.reconcile import check_objections, exit_code, find_objections
from reconciler.render.progress import progress_on
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
        if dry_run:
            return _show("bootstrap", foundation.bootstrap_steps(intake.desired, world), intake, world)
        with under_lease(intake, world, wish(intake, founding=True)) as run:
            return run.journal.ended(
                _do("bootstrap", foundation.bootstrap_steps(intake.desired, run.world), intake, run)
            )


def server_up_command(path: Path, *, dry_run: bool) -> int:
    """Make the MLflow server as the manifest says."""
    settings = Settings.read()
    intake = take_in(path, settings)

    with open_world(intake, settings) as world:
        if dry_run:
            known = partial(known_certificates, intake, settings)
            return _show("mlflow-server", foundation.server_steps(intake.desired, world, known), intake, world)
        with under_lease(intake, world, wish(intake)) as run:
            # No certificate is made for a server that may not be changed now.
            find = known_certificates if find_objections(intake.desired, run.world) else certificates
            steps = foundation.server_steps(intake.desired, run.world, partial(find, intake, settings))
            code = _do("mlflow-server", steps, intake, run)
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
        if dry_run:
            return _show("mlflow-server", foundation.server_retirement(intake.desired, world), intake, world)
        with under_lease(intake, world, wish(intake)) as run:
            code = _do("mlflow-server", foundation.server_retirement(intake.desired, run.world), intake, run)
            if code == 0:
                forget_authority(intake, settings)
            return run.journal.ended(code)


def teardown_command(path: Path, *, confirm: Callable[[str], bool]) -> int:
    """Retire everything that the environment has."""
    settings = Settings.read()
    intake = take_in(path, settings)
    console = Console(highlight=False)
    name = names.prefix(intake.desired.platform)
    if not confirm(name):
        raise Refused(f"{name} is not torn down", "nothing was changed")
    with open_world(intake, settings) as world, under_lease(intake, world, wish(intake)) as run:
        show = run.journal.showing(lambda proposal: show_proposal(proposal, console), wait=True)
        with progress_on(console, watched=not settings.ci) as progress:
            rounds, last = foundation.teardown(intake.desired, run.world, run.journal.listening(progress), show)
        show_reports([*(report for _, report in rounds), *((last,) if last else ())], console)
        if last is None:
            return run.journal.ended(exit_code(rounds, detailed=False) or Refused.exit_code)
        if not last.stops:
            forget_authority(intake, settings)
        return run.journal.ended(exit_code_of(last))


def _show(name: str, steps: Steps, intake: Intake, world: World) -> int:
    show_steps(name, steps, Console(highlight=False))
    if steps:
        check_objections(intake.desired, world)
    return 0


def _do(name: str, steps: Steps, intake: Intake, run: Run) -> int:
    console = Console(highlight=False)
    show_steps(name, steps, console)
    if not steps:
        return 0
    check_objections(intake.desired, run.world)
    run.journal.planned(steps)
    with progress_on(console, watched=not Settings.read().ci) as progress:
        report = foundation.carry_out(name, steps, intake.desired, run.world, run.journal.listening(progress))
    show_reports([report], console)
    return exit_code_of(report)


def exit_code_of(report: Report) -> int:
    """0, or the code of the failure."""
    return max((failure.error.exit_code for failure in report.stops), default=0)
