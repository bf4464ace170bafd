"""A project's folder: what git says of it, and what its own files ask for."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from reconciler.core.desired import Inputs, Pairs, Source
from reconciler.errors import ManifestInvalid, SourceUnusable
from reconciler.manifest.context import Context, at
from reconciler.manifest.given import find_inputs, parameter_problems, types_of
from reconciler.manifest.links import is_folder, leads_out
from reconciler.manifest.load import Manifest
from reconciler.manifest.text_file import text_of
from reconciler.mlproject import MAIN, Fault, MLProject, ProjectInvalid, project_files, read_project
from reconciler.ports import SourceTree


@dataclass(frozen=True, slots=True)
class _Exported:
    """The files of a folder that an image has: see Files."""

    tree: SourceTree

    @property
    def names(self) -> Sequence[str]:
        if not self.tree.left_out:
            return self.tree.files.names
        return [name for name in self.tree.files.names if name not in self.tree.left_out]

    def read(self, name: str) -> bytes | None:
        return None if name in self.tree.left_out else self.tree.files.read(name)


def find_source(name: str, manifest: Manifest, context: Context) -> Source:
    """What git tracks of a project, which MLflow can run as it is. Raises ManifestInvalid."""
    path = manifest.source(name)
    where = ("projects", name, "source")
    if fault := _fault(context.root, path):
        raise ManifestInvalid((at(manifest, where, fault),))
    try:
        tree = context.sources.describe(path)
    except SourceUnusable as error:
        what = f"{error.what}; {error.remedy}" if error.remedy else error.what
        raise ManifestInvalid((at(manifest, where, what),)) from error
    if not project_files(_Exported(tree).names):
        raise ManifestInvalid((at(manifest, where, _no_project(path, tree)),))
    inputs = find_inputs(name, manifest)
    project = _project(path, tree, inputs)
    if problems := tuple(parameter_problems(name, manifest, project)):
        raise ManifestInvalid(problems)
    revision = manifest.projects[name].training.revision
    return Source(
        path,
        source_digest(tree.tree, revision, tree.attributes, inputs.digest),
        tree.commit,
        tree.uncommitted,
        tree.ignored,
        project.notes,
        _parameters(project, inputs),
    )


def project_text(name: str, file: str, manifest: Manifest, context: Context, most: int, kind: str) -> str | None:
    """Text of a file of a project's folder, as the commit has it; None without such a file, or such a folder.

    `kind`, such as "a policy", is what it should be. Raises ManifestInvalid.
    """
    path = manifest.source(name)
    shown = f"{path}/{file}"
    try:
        files = context.sources.describe(path).files
    except SourceUnusable:
        return None  # `find_source` says so
    if file not in files.names:
        return None
    raw = files.read(file)
    if raw is None:
        raise ManifestInvalid((f"{shown}:1: cannot be read: it is a link that leads nowhere, or larger than 1 MB",))
    return text_of(raw, shown, most, kind)


def is_uncommitted(name: str, file: str, manifest: Manifest, context: Context) -> bool:
    """Whether a file of a project's folder is there and not as the commit has it."""
    path = manifest.source(name)
    try:
        return f"{path}/{file}" in context.sources.describe(path).uncommitted
    except SourceUnusable:
        return False


def source_digest(tree: str, revision: int, attributes: str = "", inputs: str = "") -> str:
    """64 hex digits for what is trained: the folder's git tree, the manifest's revision, and where there are any, what
    attributes above the folder do and what the code is given.
    """
    more = "".join(f"{key} {one}\n" for key, one in (("attributes", attributes), ("inputs", inputs)) if one)
    return hashlib.sha256(f"{tree}\n{revision}\n{more}".encode()).hexdigest()


def _parameters(project: MLProject, inputs: Inputs) -> Pairs:
    entry = project.entry_points.get(inputs.entry_point or MAIN)
    return tuple(types_of(entry).items()) if entry else ()


def _project(path: str, tree: SourceTree, inputs: Inputs) -> MLProject:
    """The project in a folder. Raises ManifestInvalid with everything that keeps it from running."""
    found: list[Fault] = list(tree.faults)
    try:
        project = read_project(_Exported(tree), inputs.entry_point or MAIN, dict(inputs.parameters))
    except ProjectInvalid as error:
        found += error.faults
    if found:
        left_out = (name for name in tree.left_out if any(name in fault.what for fault in found))
        raise ManifestInvalid(tuple(_told(path, [*found, *map(_left_out, left_out)])))
    return project


def _left_out(name: str) -> Fault:
    what = "is in the commit and in no image, because a .gitattributes says export-ignore of it or of its folder"
    return Fault(name, 1, "", f"{what}; take that away")


def _told(path: str, faults: Iterable[Fault]) -> Iterable[str]:
    return (f"{path}/{fault}" for fault in sorted(faults, key=lambda one: (one.file, one.line)))


def _no_project(path: str, tree: SourceTree) -> str:
    """Why a folder of the commit is no MLflow project."""
    if left_out := project_files(tree.left_out):
        return f"{path}/{_left_out(left_out[0])}"
    what = f"{path} is not an MLflow project, because it has no file MLproject"
    beside = [file for file in tree.uncommitted if PurePosixPath(file).parent == PurePosixPath(path)]
    if named := project_files(PurePosixPath(file).name for file in beside):
        return f"{what} in the commit; git add '{path}/{named[0]}' && git commit"
    near = next((f"; rename {name} to MLproject" for name in tree.files.names if _is_near(name)), "")
    return what + near


def _is_near(name: str) -> bool:
    return name.lower().startswith("mlproject") and "/" not in name


def _fault(root: Path, path: str) -> str:
    folder = root / path
    if not is_folder(folder):
        return f"there is no folder {path}; create it, or set `source` to the project's folder"
    if leads_out(folder, root):
        return f"{path} leads out of the project root, because of a symbolic link; keep the files in the repository"
    return ""
