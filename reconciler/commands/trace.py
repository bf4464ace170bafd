"""`reconcile trace`: where a version came from, and what became of a commit."""

import json
from collections.abc import Sequence
from pathlib import Path

import click

from reconciler.commands.known import no_such_project
from reconciler.core import names
from reconciler.core.desired import DesiredState
from reconciler.core.history import Record
from reconciler.core.trace import SHORTEST, Chain, Trail, chains, holding
from reconciler.core.visible import visible
from reconciler.errors import ReadFailed, ReconcilerError
from reconciler.intake import take_in
from reconciler.observe import deployment_stack, spec_of
from reconciler.ports import World
from reconciler.reconcile import check_account
from reconciler.render.progress import waiting
from reconciler.render.screen import screen
from reconciler.render.trace import show_trace, trace_document
from reconciler.settings import Settings
from reconciler.wiring import open_world

REMEMBERED = 1000
"""Runs of the history that are looked at: each is an object in the state bucket."""
SHOWN = 5
"""Identifiers that are named when a word stands for several."""


def trace_command(path: Path, name: str, word: str, output: str) -> None:
    """Show every version of a project, or what holds one word: a commit, a digest, a job, a run, a version, a name.

    Raises ReconcilerError when there is no such project, or nothing holds the word.
    """
    settings = Settings.read()
    intake = take_in(path, settings)
    notes: list[str] = []
    with open_world(intake, settings) as world, waiting(f"looking for the past of {name}", settings):
        trail = read_trail(name, intake.desired, world, notes)
    found = chains(trail)
    if word:
        found = asked_for(found, word, name)
    if output == "json":
        click.echo(json.dumps(trace_document(trail, found, notes), indent=2))
        return
    show_trace(trail, found, screen(settings))
    for note in notes:
        click.echo(visible(f"note: {note}"), err=True)


def read_trail(name: str, desired: DesiredState, world: World, notes: list[str]) -> Trail:
    """Read the past of one project; one that has left the manifest is found by what it left in Terraform state.

    A history that cannot be read is a note. Raises ReadFailed for everything else, and ReconcilerError when there is
    no such project.
    """
    platform, account = desired.platform, world.account.id()
    check_account(platform, account)
    stacks, known = world.state.stacks(), desired.name_of(name)
    training, deployment = (stacks.get(names.project_key(platform.environment, known, kind)) for kind in STACKS)
    wanted = next((project for project in desired.projects if project.name == known), None)
    if wanted is None and training is None and deployment is None:
        raise no_such_project(name, desired, stacks)
    model = wanted.model if wanted else str(spec_of(training or {}).get("model") or known)
    endpoint = names.endpoint(platform, known)
    return Trail(
        project=known,
        platform=platform,
        account=account,
        runs=world.registry.runs(known),
        versions=world.registry.versions(model),
        deployment=deployment_stack(deployment) if deployment is not None else None,
        endpoint=world.endpoints.find(endpoint).get(endpoint),
        training_images=world.images.stored(names.training_repository(platform, known)),
        model_images=world.images.stored(names.model_repository(platform, known)),
        records=_records(world, notes),
        title=name,
    )


def _records(world: World, notes: list[str]) -> tuple[Record, ...]:
    try:
        return world.history.records(REMEMBERED, notes.append)
    except ReadFailed as error:
        notes.append(f"the history could not be read: {error.what}")
        return ()


STACKS = ("training", "deployment")


def asked_for(found: Sequence[Chain], word: str, name: str) -> tuple[Chain, ...]:
    """The chains that hold the word. Raises ReconcilerError when none does, or when it may mean several things."""
    held, meant = holding(found, word)
    if len(meant) > 1:
        shown = ", ".join(meant[:SHOWN]) + (", ..." if len(meant) > SHOWN else "")
        raise ReconcilerError(f"{word} may mean {len(meant)} things: {shown}", "say more of it")
    if not held:
        remedy = f"a version, or {SHORTEST} characters or more of an identifier; reconcile trace {name} shows them all"
        raise ReconcilerError(f"nothing of {name} holds {word}", remedy)
    return held
