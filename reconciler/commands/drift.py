"""`reconcile drift`."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from reconciler.commands.explained import explained
from reconciler.commands.planfile import plan_file
from reconciler.core import names
from reconciler.drift import Survey, exit_code, survey
from reconciler.intake import take_in
from reconciler.render.drift import drift_document, drift_markdown, show_drift
from reconciler.render.progress import waiting
from reconciler.render.screen import screen
from reconciler.settings import Settings
from reconciler.wiring import open_world


def drift_command(path: Path, projects: Sequence[str], chosen: Mapping[str, Any]) -> int:
    """Look at every stack with a real Terraform plan, and show what is not as it was applied."""
    settings = Settings.read()
    with plan_file(chosen["out"]) as file, explained(path, "survey", chosen["output"]) as known:
        intake = take_in(path, settings)
        known.platform = file.platform = intake.desired.platform
        what = f"planning every stack of {names.prefix(intake.desired.platform)} with Terraform"
        with open_world(intake, settings) as world, waiting(what, settings) as say:
            found = survey(intake.desired, world, frozenset(projects), chosen["parallelism"], say)
        file.content = drift_document(found)
        _show(found, chosen["output"], settings)
        return exit_code(found, detailed=chosen["detailed_exitcode"])


def _show(found: Survey, output: str, settings: Settings) -> None:
    match output:
        case "json":
            click.echo(json.dumps(drift_document(found), indent=2))
        case "markdown":
            click.echo(drift_markdown(found), nl=False)
        case _:
            show_drift(found, screen(settings))
