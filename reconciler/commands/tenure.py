"""`reconcile unlock` and `reconcile history`: who may change an environment, and who did."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from reconciler.commands.known import check_known
from reconciler.core import names
from reconciler.core.lease import Seen, lost, unlock
from reconciler.core.statelock import SILENCE, StateLock, is_left, of_tenures
from reconciler.core.visible import visible
from reconciler.errors import ReconcilerError
from reconciler.intake import take_in
from reconciler.ports import World
from reconciler.render.history import show_history
from reconciler.render.progress import waiting
from reconciler.render.screen import screen, tell
from reconciler.settings import Settings
from reconciler.tenure import describe
from reconciler.wiring import open_world


def unlock_command(path: Path, run: str | None) -> int:
    """Release the lease that the run with this id holds; without one, say who holds it, and what else is locked."""
    settings = Settings.read()
    intake = take_in(path, settings)
    name = names.prefix(intake.desired.platform)
    with open_world(intake, settings) as world:
        seen = world.leases.read()
        locks = world.state.locks()
        if seen is None or seen.lease.released:
            click.echo(f"nobody holds the lease of {name}")
        elif run is None:
            held = f"the lease of {name} is held: {describe(seen)}\n  if it is dead: unlock --id {seen.lease.id}"
            click.echo(visible(held))
        else:
            _release(seen, run, name, world)
        environment = intake.desired.platform.environment
        for key, lock in sorted(locks.items()):
            what = _what_becomes(key, lock, environment, seen, world)
            remove = f"aws s3 rm s3://{intake.desired.platform.state_bucket}/{key}.tflock"
            _tell(
                key, lock, what or f"nobody here knows whether its run still works; if nothing runs any more: {remove}"
            )
    return int(run is None and seen is not None and not seen.lease.released)


def _release(seen: Seen, run: str, name: str, world: World) -> None:
    if seen.lease.id != run:
        remedy = "look who it is: reconcile unlock"
        raise ReconcilerError(f"{run} does not hold the lease of {name}, {seen.lease.id} does", remedy)
    if world.leases.write(unlock(seen.lease), seen.version) is None:
        raise ReconcilerError(f"{run} shows life: its lease was renewed just now", "wait until it is done")
    click.echo(f"the lease of {name} is free; a run that still goes on stops by itself")


def _what_becomes(key: str, lock: StateLock, environment: str, seen: Seen | None, world: World) -> str:
    """What the next runs make of a lock, by the signs that they go by; empty when they respect it."""
    stack, now = names.stack_of(environment, key), world.clock.now()
    tenures = lost(seen.lease) if seen else ()
    if is_left(lock, (*(world.terraform.remains(*stack) if stack else ()), *of_tenures(tenures, now))):
        return "its run has ended: the next reconcile releases it"
    silent = (one for one in tenures if is_left(lock, of_tenures((one,), one.renewed + 2 * SILENCE)))
    it = next(silent, None)
    dead = "a reconcile after {:%H:%M:%S UTC} releases it, if its run shows no life until then"
    return dead.format(it.renewed + SILENCE) if it else ""


def _tell(key: str, lock: StateLock, what: str) -> None:
    since = f" since {lock.since:%Y-%m-%d %H:%M:%S UTC}" if lock.since else ""
    click.echo(visible(f"Terraform locks {key}: {lock.who or 'somebody'}{since}\n  {what}"))


def history_command(path: Path, project: str | None, output: str, limit: int) -> int:
    """Show what became of the newest runs, or of those that had to do with one project."""
    settings = Settings.read()
    intake = take_in(path, settings)
    with open_world(intake, settings) as world, waiting("reading the history", settings):
        found = world.history.records(None if project else limit, tell)
        known = {one.project for record in found for one in record.projects}
        if project and project not in known:
            check_known(project, intake.desired, world)
    of_project = (record for record in found if project in (None, *(one.project for one in record.projects)))
    records = tuple(of_project)[:limit]
    if output == "json":
        click.echo(json.dumps([asdict(record) for record in records], indent=2))
    elif records:
        show_history(records, project, screen(settings))
    else:
        click.echo(f"no run has changed {project or 'anything'} yet")
    return 0
