"""`reconcile init`: a new project, its folder and its lines in the manifest."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from reconciler.adapters.scaffold import new_folder, project_files
from reconciler.commands.manifest_file import read_manifest, replace_manifest
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
    with _edited(path, before, after), new_folder(folder, files):
        load(path, settings.variables)
    click.echo(f"wrote {folder}/: {', '.join(files)}")
    click.echo(f"added {name} to {path}: {'version 1 goes live' if sandbox else 'nothing goes live yet'}")
    for line in _next(path, name, folder, sandbox=sandbox):
        click.echo(line)


@contextmanager
def _edited(path: Path, before: str, after: str) -> Iterator[None]:
    """The manifest after an edit, which is taken back when something goes wrong inside."""
    replace_manifest(path, after)
    try:
        yield
    except BaseException:
        replace_manifest(path, before)
        raise


def _next(path: Path, name: str, folder: Path, *, sandbox: bool) -> tuple[str, ...]:
    """What a person does then."""
    reconcile = f"reconcile -m {path} --wait"
    return (
        "next:",
        f"  1. edit {folder}/train.py, or leave it as it is: it trains. Test it: python -m pytest {folder}",
        f'  2. git add {folder} {path} && git commit -m "Add {name}"',
        f"  3. {f'reconcile sandbox up && {reconcile}' if sandbox else reconcile}",
        f"  4. {_ask(path, name, folder) if sandbox else _pin(path, name)}",
    )


def _ask(path: Path, name: str, folder: Path) -> str:
    return f"reconcile -m {path} invoke {name} --data {folder}/request.json"


def _pin(path: Path, name: str) -> str:
    return f"when what was trained is good, pin it: reconcile -m {path} deploy {name} 1"
