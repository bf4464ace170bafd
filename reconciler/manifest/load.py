"""From a manifest's path to the manifest, or to everything that is wrong with it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from reconciler.core.desired import Platform, Resources
from reconciler.errors import ManifestInvalid
from reconciler.manifest.check import Checked, check
from reconciler.manifest.document import Document, read_document
from reconciler.manifest.environment import platform_of
from reconciler.manifest.header import VARIABLES, attribute, borrow
from reconciler.manifest.problem import Places, Problem, Where, describe, shown
from reconciler.manifest.requirements import RequirementsInvalid, parse_requirements
from reconciler.manifest.rules import broken
from reconciler.manifest.schema import Defaults, Freeze, Project, Requires
from reconciler.manifest.text_file import read_text_file

RESOURCES_VARIABLE = "TF_VAR_default_resource_requirements"
_HEADER = frozenset({*VARIABLES, "version", "account", "mlflow", "sandbox", "github"})
MAX_BYTES = 10_000_000
"""A thousand times a long manifest; more is a mistake in the path."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """A manifest that breaks no rule by itself."""

    path: Path
    """As the user gave it."""
    platform: Platform
    """`tracking_uri` is empty when the sandbox's own server is meant."""
    sandbox: bool
    """Whether the environment is the embedded cloud on this machine."""
    retire_limit: int
    freeze: tuple[Freeze, ...]
    requires: Requires
    defaults: Defaults
    projects: Mapping[str, Project]
    """As written, sorted by name."""
    fallback: Resources | None
    """From TF_VAR_default_resource_requirements."""
    lines: Mapping[Where, int]
    """Line of each value of the file."""

    def source(self, name: str) -> str:
        """Folder of a project, relative to the root."""
        return self.projects[name].source or f"ml-projects/{name}"

    @property
    def sources(self) -> tuple[str, ...]:
        """Folders of the projects, each once, in the projects' order."""
        return tuple(dict.fromkeys(map(self.source, self.projects)))


@dataclass(frozen=True, slots=True)
class Header:
    """Whose manifest it is."""

    path: Path
    platform: Platform
    sandbox: bool
    lines: Mapping[Where, int]


def load(path: Path, environment: Mapping[str, str]) -> Manifest:
    """Read a manifest. `environment` gives the header's keys that the manifest leaves out (`TF_VAR_*`).

    Raises ManifestInvalid with every problem of the file at once.
    """
    document, checked, known = _read(path, environment)
    fallback, unusable = _fallback(environment)
    problems = (*known, *unusable)
    if problems:
        raise ManifestInvalid(describe(str(path), document.lines, problems))
    file = checked.file
    return Manifest(
        path=path,
        platform=platform_of(file),
        sandbox=file.sandbox,
        retire_limit=file.limits.retire,
        freeze=file.freeze,
        requires=file.requires,
        defaults=file.defaults,
        projects=dict(sorted((file.projects or {}).items())),
        fallback=fallback,
        lines=document.lines,
    )


def load_header(path: Path, environment: Mapping[str, str]) -> Header:
    """Read whose manifest it is, whatever is wrong with its projects. Raises ManifestInvalid."""
    document, checked, known = _read(path, environment)
    if problems := [one for one in known if not one.where or one.where[0] in _HEADER]:
        raise ManifestInvalid(describe(str(path), document.lines, problems))
    return Header(path, platform_of(checked.file), checked.file.sandbox, document.lines)


def _read(path: Path, environment: Mapping[str, str]) -> tuple[Document, Checked, tuple[Problem, ...]]:
    """What a file says, and everything that is wrong with it. Raises ManifestInvalid when it is no manifest at all."""
    document = read_document(_text(path))
    if not isinstance(document.value, dict):
        raise ManifestInvalid(describe(str(path), document.lines, _not_a_manifest(document)))
    borrowed = borrow(document.value, environment)
    checked = check({**document.value, **borrowed}, document.unread)
    attributed = (attribute(problem, borrowed) for problem in checked.problems)
    return document, checked, (*document.problems, *attributed, *_broken(checked))


def project_root(path: Path) -> Path:
    """The folder that sources are relative to: the one above a folder named `manifests`, else the manifest's own."""
    if path.absolute().parent.name != "manifests":
        return path.parent
    return path.parent.parent if path.parent.name else path.absolute().parent.parent


def _text(path: Path) -> str:
    """The file's text. Raises ManifestInvalid."""
    text = read_text_file(path, str(path), MAX_BYTES, "a manifest") if path.is_file() else None
    if text is None:
        missing = "is a symbolic link that leads nowhere" if path.is_symlink() else "does not exist"
        kind = "is not a file" if path.exists() else missing
        raise ManifestInvalid((f"{path}: {kind}; name a manifest with -m, such as {_another(path)}",))
    return text


def _another(path: Path) -> str:
    for folder in dict.fromkeys((path.parent, Path("manifests"))):
        beside = folder.glob("[!.]*.yaml") if folder.is_dir() else ()
        if found := sorted(str(one) for one in beside if one.is_file() and _is_manifest(one)):
            return " or ".join(found)
    return "manifests/prod.yaml"


def _is_manifest(path: Path) -> bool:
    """Whether a file begins as manifests do, whatever is wrong with it."""
    try:
        return re.search(r"^(version|projects)\s*:", path.read_text(encoding="utf-8-sig"), re.MULTILINE) is not None
    except (OSError, UnicodeDecodeError):
        return False


def _not_a_manifest(document: Document) -> tuple[Problem, ...]:
    what = f"{shown(document.value)} is not a manifest; a manifest is a mapping that starts with `version: 1`"
    return document.problems or (Problem((), what),)


def _broken(checked: Checked) -> list[Problem]:
    spoilt = Places(checked.spoilt)
    return [one for one in broken(checked.file) if not any(map(spoilt.touch, (one.where, *one.touches)))]


def _fallback(environment: Mapping[str, str]) -> tuple[Resources | None, tuple[Problem, ...]]:
    try:
        text = environment.get(RESOURCES_VARIABLE)
        return (parse_requirements(text).resources if text else None), ()
    except RequirementsInvalid as error:
        return None, tuple(Problem((), f"{RESOURCES_VARIABLE}: {fault.what}", 1) for fault in error.faults)
