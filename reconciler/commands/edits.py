"""Commands that edit the manifest for a person, and reconcile what they edited."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from reconciler.adapters.clock import SystemClock
from reconciler.commands.loop import reconcile_with
from reconciler.commands.manifest_file import edited, read_manifest, replace_manifest
from reconciler.commands.planfile import PlanFile, plan_file
from reconciler.core import names
from reconciler.core.desired import DesiredState
from reconciler.core.restraint import said
from reconciler.errors import Refused
from reconciler.intake import take_in
from reconciler.manifest import edit
from reconciler.reconcile import Options
from reconciler.settings import Settings


def pin_command(path: Path, name: str, version: int, chosen: Mapping[str, Any]) -> int:
    """Pin a version in the manifest, and reconcile its project. Raises Refused while it is paused."""
    _refuse_paused(_open(path, chosen), name)
    return _edit(path, lambda text: edit.pin(text, name, version, str(path)), name, chosen)


def unpin_command(path: Path, name: str, chosen: Mapping[str, Any]) -> int:
    """Take a project's deployment out of the manifest, and retire it. Raises Refused while it is paused."""
    _refuse_paused(_open(path, chosen), name)
    return _edit(path, lambda text: edit.unpin(text, name, str(path)), name, chosen)


def remove_command(path: Path, name: str, chosen: Mapping[str, Any]) -> int:
    """Take a project out of the manifest, and retire it. Raises Refused while it is deployed."""
    desired = _open(path, chosen)
    if any(project.title == name and project.deployment for project in desired.projects):
        what = f"{name} is deployed, and what it is trained with goes last"
        raise Refused(what, f"first: reconcile undeploy {name} (make deployment-job-rm project={name})")
    # Without its lines it is known by its name alone.
    return _edit(path, lambda text: edit.remove(text, name, str(path)), desired.name_of(name), chosen)


def _open(path: Path, chosen: Mapping[str, Any]) -> DesiredState:
    """What the manifest asks for, which may be edited here. Raises Refused when it may be changed by commits alone."""
    desired = take_in(path, Settings.read(), offline=chosen["edit_only"]).desired
    if desired.requires.clean and not chosen["edit_only"]:
        what = f"{names.prefix(desired.platform)} is changed from commits alone, and this would edit {path}"
        raise Refused(what, "edit it, commit and merge; what asks for that is `requires`")
    return desired


def _refuse_paused(desired: DesiredState, name: str) -> None:
    pause = next((project.paused for project in desired.projects if project.title == name), None)
    if pause and pause.holds(SystemClock().now()):
        what = f"{name} is paused until {said(pause.until)}: {pause.reason}"
        raise Refused(what, "delete its `paused`, commit, and ask again")


def _edit(path: Path, change: Callable[[str], str], name: str, chosen: Mapping[str, Any]) -> int:
    """Reconcile one project with the manifest as it is after a change, which is kept unless it is refused."""
    if chosen["edit_only"]:
        return _only_edit(path, change)
    with plan_file(chosen["out"]) as file:
        return _reconcile(path, change, name, chosen, file)


def _only_edit(path: Path, change: Callable[[str], str]) -> int:
    before = read_manifest(path)
    with edited(path, before, change(before)):
        take_in(path, Settings.read(), offline=True)
    click.echo(f"{path} was edited: commit and merge it")
    return 0


def _reconcile(path: Path, change: Callable[[str], str], name: str, chosen: Mapping[str, Any], file: PlanFile) -> int:
    only = frozenset({name})
    options = Options(projects=only, allow_retire=only, wait=chosen["wait"], parallelism=chosen["parallelism"])
    before = read_manifest(path)
    replace_manifest(path, change(before))
    kept = False
    try:
        code = reconcile_with(path, options, chosen, file)
        kept = not chosen["dry_run"] and code != Refused.exit_code
    finally:
        if not kept:
            replace_manifest(path, before)
    if kept and read_manifest(path) != before:
        click.echo(f"{path} was edited: commit it, or the next reconcile from git takes this back", err=True)
    return code
