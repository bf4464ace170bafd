"""Artifacts of a run: files that one job leaves for another."""

import glob
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from support.workflows.failed import Failed
from support.workflows.frame import Working
from support.workflows.values import Wrong

UPLOAD = ("name", "path", "if-no-files-found", "retention-days", "overwrite", "include-hidden-files")
DOWNLOAD = ("name", "path", "pattern", "merge-multiple")
_SILENT = ("warn", "ignore")


def upload(job: Working, given: Mapping[str, str]) -> tuple[dict[str, str], str]:
    """Keep files under a name, below the folder that they have in common. Raises Failed."""
    name, kept = given.get("name", "artifact"), job.artifacts / given.get("name", "artifact")
    patterns = [line.strip() for line in given["path"].splitlines() if line.strip()]
    files = _found(job.machine.workspace, patterns, hidden=given.get("include-hidden-files") == "true")
    if not files:
        said = f"No files were found with the provided path: {', '.join(patterns)}. No artifacts will be uploaded."
        if given.get("if-no-files-found", "warn") in _SILENT:
            return {}, f"Warning: {said}\n"
        raise Failed(said)
    if kept.exists():
        if given.get("overwrite") != "true":
            raise Failed(f"Conflict: an artifact with the name {name} already exists on the workflow run")
        shutil.rmtree(kept)
    root = _common(files)
    for file in files:
        target = kept / file.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
    return {}, f"{name}: {', '.join(str(file.relative_to(root)) for file in files)}\n"


def download(job: Working, given: Mapping[str, str]) -> tuple[dict[str, str], str]:
    """Fetch one artifact, or every one that a pattern names, each into a folder of its name. Raises Failed."""
    target = job.machine.workspace / given.get("path", ".")
    if "name" in given:
        source = job.artifacts / given["name"]
        if not source.is_dir():
            raise Failed(f"Unable to download artifact(s): Artifact not found for name: {given['name']}")
        _fetch(source, target)
        return {"download-path": str(target)}, f"{given['name']} is there\n"
    merged = given.get("merge-multiple") == "true"
    found = sorted(job.artifacts.glob(given.get("pattern", "*")))
    for source in found:
        _fetch(source, target if merged else target / source.name)
    return {"download-path": str(target)}, f"{len(found)} artifacts are there\n"


def _fetch(source: Path, target: Path) -> None:
    shutil.copytree(source, target, dirs_exist_ok=True)


def _found(workspace: Path, patterns: Sequence[str], *, hidden: bool) -> list[Path]:
    found: set[Path] = set()
    for pattern in patterns:
        if pattern.startswith("!"):
            raise Wrong("an artifact's path that is left out is not played here")
        for name in glob.glob(str(workspace / pattern), recursive=True, include_hidden=hidden):  # noqa: PTH207
            path = Path(name)
            found |= {one for one in path.rglob("*") if one.is_file()} if path.is_dir() else {path}
    return sorted(found)


def _common(files: Sequence[Path]) -> Path:
    return Path(os.path.commonpath([str(file.parent) for file in files]))
