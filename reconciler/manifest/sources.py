"""A project's folder, and what git says of it."""

import hashlib
from pathlib import Path

from reconciler.core.desired import Source
from reconciler.errors import ManifestInvalid, SourceUnusable
from reconciler.manifest.context import Context, at
from reconciler.manifest.links import is_folder, leads_out
from reconciler.manifest.load import Manifest


def source_path(manifest: Manifest, name: str) -> str:
    """Folder of a project, relative to the root."""
    return manifest.projects[name].source or f"ml-projects/{name}"


def find_source(name: str, manifest: Manifest, context: Context) -> Source:
    """What git tracks of a project. Raises ManifestInvalid."""
    path = source_path(manifest, name)
    where = ("projects", name, "source")
    if fault := _fault(context.root, path):
        raise ManifestInvalid((at(manifest, where, fault),))
    try:
        tree = context.sources.describe(path)
    except SourceUnusable as error:
        what = f"{error.what}; {error.remedy}" if error.remedy else error.what
        raise ManifestInvalid((at(manifest, where, what),)) from error
    digest = source_digest(tree.tree, manifest.projects[name].training.revision)
    return Source(path, digest, tree.commit, tree.uncommitted)


def source_digest(tree: str, revision: int) -> str:
    """64 hex digits for what is trained: the folder's git tree and the manifest's revision."""
    return hashlib.sha256(f"{tree}\n{revision}\n".encode()).hexdigest()


def _fault(root: Path, path: str) -> str:
    folder = root / path
    if not is_folder(folder):
        return f"there is no folder {path}; create it, or set `source` to the project's folder"
    if leads_out(folder, root):
        return f"{path} leads out of the project root, because of a symbolic link; keep the files in the repository"
    names = [entry.name for entry in folder.iterdir() if entry.is_file()]
    if any(name.lower() == "mlproject" for name in names):
        return ""
    near = next((f"; rename {name} to MLproject" for name in names if name.lower().startswith("mlproject")), "")
    return f"{path} is not an MLflow project, because it has no file MLproject{near}"
