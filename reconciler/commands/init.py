"""`reconcile init`: a new project, its folder and its lines in the manifest."""

from pathlib import Path

import click

from reconciler.adapters.scaffold import new_folder, project_files
from reconciler.commands.manifest_file import edited, read_manifest
from reconciler.errors import ManifestInvalid
from reconciler.manifest import edit, load, name_fault, project_root
from reconciler.manifest.edit import Value
from reconciler.settings import Settings

IN_SANDBOX: Value = {"deployment": {"version": 1}}
"""What the first training registers goes live."""
ON_AWS: Value = {}
"""An endpoint costs money: somebody looks at what was trained, and pins it."""


def init_command(path: Path, name: str) -> None:
    """Write a project's folder, and its lines in the manifest: both, or neither. Raises ReconcilerError."""
    if fault := name_fault(name):
        raise ManifestInvalid((f"{path}: projects: {fault}",))
    settings = Settings.read()
    sandbox = load(path, settings.variables).sandbox
    folder, files = project_root(path) / "ml-projects" / name, project_files(name)
    before = read_manifest(path)
    after = edit.add(before, name, IN_SANDBOX if sandbox else ON_AWS, str(path))
    with edited(path, before, after), new_folder(folder, files):
        load(path, settings.variables)
    click.echo(f"wrote {folder}: {len(files)} files; its README.md says what each is for")
    click.echo(f"added {name} to {path}: {'version 1 goes live' if sandbox else 'nothing goes live yet'}")
    for line in ("next:", *_next(path, name, folder, sandbox=sandbox)):
        click.echo(line)


def _next(path: Path, name: str, folder: Path, *, sandbox: bool) -> tuple[str, ...]:
    """What a person does then: lines to type, as they are."""
    start = ("reconcile sandbox up",) if sandbox else ()
    ask = f"reconcile -m {path} invoke {name} --data {folder}/request.json"
    pin = f"reconcile -m {path} deploy {name} 1"
    return (
        f"  # your data and your model go into {folder}/train.py",
        f"  python -m pytest {folder}",
        f"  git add {folder} {path}",
        f'  git commit -m "Add {name}"',
        *(f"  {line}" for line in start),
        f"  reconcile -m {path} --wait",
        *((f"  {ask}",) if sandbox else ("  # look at what was trained; an endpoint costs money", f"  {pin}")),
    )
