"""`reconcile status`: where the environment stands. It changes nothing, and needs no lease."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import click

from reconciler.adapters.checkout import GitCheckout
from reconciler.commands.loop import looking
from reconciler.core.history import Record
from reconciler.core.lease import is_free
from reconciler.core.status import Commits, Status, applied_well, status_of
from reconciler.errors import ReconcilerError, SourceUnusable
from reconciler.intake import take_in
from reconciler.ports import World
from reconciler.reconcile import Options, Proposal, exit_code, propose
from reconciler.render.progress import waiting
from reconciler.render.screen import screen
from reconciler.render.status import show_status, status_document
from reconciler.settings import Settings
from reconciler.tenure import describe
from reconciler.wiring import open_world

T = TypeVar("T")
REMEMBERED = 200
"""Runs of the history that are looked at: each is an object in the state bucket."""


def status_command(path: Path, output: str) -> int:
    """Show where every project stands; 1 when one of them needs a person."""
    settings = Settings.read()
    intake = take_in(path, settings)
    with open_world(intake, settings) as world, waiting(looking(intake), settings):
        proposal = propose(intake.desired, world, Options())
        status, held = look(proposal, world, GitCheckout(intake.root))
    if output == "json":
        click.echo(json.dumps(status_document(proposal, status, held), indent=2))
    else:
        show_status(proposal, status, held, screen(settings))
    return exit_code(((proposal, None),), detailed=False)


def look(proposal: Proposal, world: World, checkout: GitCheckout) -> tuple[Status, str]:
    """Where the environment stands, and who holds its lease. What cannot be read of that is a note, and no failure."""
    notes: list[str] = []
    nothing: tuple[Record, ...] = ()
    records = _read("the history", lambda: world.history.records(REMEMBERED, notes.append), nothing, notes)
    held = _read("the lease", lambda: _holder(world), "", notes)
    desired, observed = proposal.desired, proposal.observed
    status = status_of(desired.projects, observed, proposal.plan, records, _commits(records, world, checkout))
    return replace(status, notes=tuple(notes)), held


def _read(source: str, call: Callable[[], T], otherwise: T, notes: list[str]) -> T:
    try:
        return call()
    except ReconcilerError as error:
        notes.append(f"{source} could not be read: {error.what}")
        return otherwise


def _holder(world: World) -> str:
    seen = world.leases.read()
    if seen is None or is_free(seen, gone=world.machine.is_gone(seen.lease.holder)):
        return ""
    return describe(seen)


def _commits(records: tuple[Record, ...], world: World, checkout: GitCheckout) -> Commits:
    applied = applied_well(records)
    try:
        head = world.sources.head().commit
    except SourceUnusable:  # an environment without projects needs no repository
        return Commits("", applied)
    try:
        distance = checkout.distance(applied.commit) if applied else None
    except SourceUnusable:
        distance = None
    return Commits(head, applied, distance.ahead, distance.behind) if distance else Commits(head, applied)
