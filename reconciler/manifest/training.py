"""How a project is trained, once every source of defaults was asked."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from reconciler.core.desired import Resources, Run, Training
from reconciler.errors import ManifestInvalid
from reconciler.manifest.context import Context, at
from reconciler.manifest.fit import misfits
from reconciler.manifest.given import find_inputs, find_secrets
from reconciler.manifest.load import RESOURCES_VARIABLE, Manifest
from reconciler.manifest.problem import Where, dotted
from reconciler.manifest.requirements import Requirements, RequirementsInvalid, parse_requirements, parse_variables
from reconciler.manifest.rules import DEFAULTS, compute_of, needs
from reconciler.manifest.schema import Resources as Written
from reconciler.manifest.sources import is_uncommitted, project_text
from reconciler.manifest.text_file import read_text_file

TIMEOUT = 4 * 60 * 60
ATTEMPTS = 3
REQUIREMENTS_FILE = "resource-requirements.json"
VARIABLES_FILE = "defaults.auto.tfvars.json"
MAX_BYTES = 100_000
"""A hundred times a list of requirements."""
KIND = "a list of requirements"
VARIABLE = "default_resource_requirements"


@dataclass(frozen=True, slots=True)
class Given:
    """Resources, and how to say that one of their fields is wrong."""

    resources: Resources
    problem: Callable[[str, str], str]
    """Takes a field and a sentence."""
    origin: str
    """What gives them."""


def find_training(name: str, manifest: Manifest, context: Context) -> Training:
    """How a project is trained. Raises ManifestInvalid."""
    written, defaults = manifest.projects[name].training, manifest.defaults.training
    given = find_resources(name, manifest, context)
    compute = compute_of(written, defaults, given.resources)
    wrong = misfits(given.resources, compute, manifest.platform.max_vcpus)
    problems = tuple(given.problem(field, sentence) for field, sentence in wrong)
    if problems:
        raise ManifestInvalid(problems)
    return Training(
        resources=given.resources,
        compute=compute,
        timeout=written.timeout or defaults.timeout or TIMEOUT,
        attempts=written.attempts or defaults.attempts or ATTEMPTS,
        run=Run(written.run),
        revision=written.revision,
        schedule=written.schedule or "",
        inputs=find_inputs(name, manifest),
        secrets=find_secrets(name, manifest),
    )


def find_resources(name: str, manifest: Manifest, context: Context) -> Given:
    """What one job needs. The first of these that is given counts, and counts whole; nothing is mixed:

    the project's lines in the manifest, `resource-requirements.json` in its folder, the manifest's `defaults`,
    TF_VAR_default_resource_requirements, the training stack's `defaults.auto.tfvars.json`. Raises ManifestInvalid.
    """
    where = ("projects", name, "training", "resources")
    found = (
        _from_manifest(manifest.projects[name].training.resources, where, manifest)
        or _from_project(name, manifest, context)
        or _from_manifest(manifest.defaults.training.resources, (*DEFAULTS, "resources"), manifest)
        or _from_elsewhere(where, manifest, context)
    )
    if found is None:
        remedy = f"write them here, in {REQUIREMENTS_FILE} of the project's folder, or in `defaults`"
        if is_uncommitted(name, REQUIREMENTS_FILE, manifest, context):
            remedy = f"commit {manifest.source(name)}/{REQUIREMENTS_FILE}, which is not in the commit"
        raise ManifestInvalid((at(manifest, where, f"is given nowhere; {remedy}"),))
    return found


def find_serving_resources(name: str, manifest: Manifest, context: Context) -> Given | None:
    """What one instance needs whose endpoint does not say it: as `find_resources`, without the manifest's own.

    What a training asks for in the manifest says nothing of serving. Raises ManifestInvalid.
    """
    where = ("projects", name, "deployment", "endpoint")
    return _from_project(name, manifest, context) or _from_elsewhere(where, manifest, context)


def _from_project(name: str, manifest: Manifest, context: Context) -> Given | None:
    text = project_text(name, REQUIREMENTS_FILE, manifest, context, MAX_BYTES, KIND)
    return _from_text(text, f"{manifest.source(name)}/{REQUIREMENTS_FILE}", parse_requirements)


def _from_elsewhere(where: Where, manifest: Manifest, context: Context) -> Given | None:
    """What holds for every project, outside the manifest."""
    variables = context.terraform / "training" / VARIABLES_FILE
    return _from_environment(where, manifest) or _from_file(variables, context)


def _from_manifest(written: Written | None, where: Where, manifest: Manifest) -> Given | None:
    if written is None:
        return None
    return Given(needs(written), lambda field, sentence: at(manifest, (*where, field), sentence), dotted(where))


def _from_environment(where: Where, manifest: Manifest) -> Given | None:
    if manifest.fallback is None:
        return None
    return Given(
        manifest.fallback,
        lambda field, sentence: at(manifest, (*where, field), f"{sentence} (from {RESOURCES_VARIABLE})"),
        RESOURCES_VARIABLE,
    )


def _from_file(path: Path, context: Context) -> Given | None:
    shown = context.shown(path)
    return _from_text(read_text_file(path, shown, MAX_BYTES, KIND), shown, _parse_variables)


def _from_text(text: str | None, shown: str, parse: Callable[[str], Requirements | None]) -> Given | None:
    """Resources from a JSON text; None when there is none, or when it says nothing of them."""
    if text is None:
        return None
    try:
        found = parse(text)
    except RequirementsInvalid as error:
        raise ManifestInvalid(tuple(f"{shown}:{fault.line}: {fault.what}" for fault in error.faults)) from error
    if found is None:
        return None

    def problem(field: str, sentence: str) -> str:
        return f"{shown}:{found.lines.get(field, 1)}: {field}: {sentence}"

    return Given(found.resources, problem, shown)


def _parse_variables(text: str) -> Requirements | None:
    return parse_variables(text, VARIABLE)
