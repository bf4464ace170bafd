"""`reconcile doctor`: what is not as it has to be, and what to type about it. It changes nothing."""

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import click

from reconciler import wiring
from reconciler.commands.checks import MANIFEST, PROJECTS, Patient, checks_of
from reconciler.core.desired import Platform
from reconciler.core.doctor.finding import Finding, Verdict, healthy, merged
from reconciler.doctor import examine
from reconciler.errors import ManifestInvalid
from reconciler.intake import running_sandbox, take_in, why_no_sandbox
from reconciler.manifest import Manifest, load, project_root
from reconciler.render.doctor import findings_document, show_findings
from reconciler.render.progress import waiting
from reconciler.render.screen import screen
from reconciler.sandbox import Sandbox
from reconciler.settings import Settings


def doctor_command(path: Path, output: str) -> int:
    """Look at everything; 1 when something failed, 3 when that is the manifest."""
    settings = Settings.read()
    root = project_root(path).absolute()
    manifest, fault = _read(path, settings)
    sandbox = running_sandbox(root, settings) if manifest and manifest.sandbox else None
    unreached = bool(manifest and manifest.sandbox and sandbox is None)
    patient = Patient(
        manifest=str(path),
        written=path.is_file(),
        fault=fault,
        platform=_platform(manifest, sandbox),
        sandbox=bool(manifest and manifest.sandbox),
        no_sandbox=why_no_sandbox(root, settings) if unreached else ("", ""),
        resolve=cache(lambda: take_in(path, settings, offline=True).desired),
    )
    with wiring.stoppable() as cancel, waiting("looking at tools, credentials and services", settings):
        practice = wiring.build_practice(patient.platform, root, settings, sandbox, cancel)
        found = merged(examine(checks_of(patient, practice), cancel))
    redact = settings.redactor
    findings = tuple(replace(one, found=redact(one.found), fix=redact(one.fix)) for one in found)
    if output == "json":
        click.echo(json.dumps(findings_document(str(path), findings), indent=2))
    else:
        show_findings(findings, screen(settings))
    return _exit_code(findings)


def _read(path: Path, settings: Settings) -> tuple[Manifest | None, ManifestInvalid | None]:
    try:
        return load(path, settings.variables), None
    except ManifestInvalid as fault:
        return None, fault


def _platform(manifest: Manifest | None, sandbox: Sandbox | None) -> Platform | None:
    """The environment that can be asked: a manifest for the sandbox never reaches AWS."""
    if manifest is None or (manifest.sandbox and sandbox is None):
        return None
    platform = manifest.platform
    return replace(platform, tracking_uri=sandbox.mlflow_url) if sandbox else platform


def _exit_code(findings: tuple[Finding, ...]) -> int:
    broken = {one.check for one in findings if one.verdict is Verdict.FAILED}
    return ManifestInvalid.exit_code if broken & {MANIFEST, PROJECTS} else int(not healthy(findings))
