"""`reconcile watch`: plan again whenever the manifest, a project's folder or HEAD changes."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue

import click

from reconciler.adapters.checkout import GitCheckout
from reconciler.adapters.watcher import Watcher
from reconciler.commands.loop import Occasion, reconcile_with
from reconciler.commands.planfile import PlanFile
from reconciler.commands.rounds import rounds
from reconciler.core.saves import Burst, Scope, joined
from reconciler.core.visible import visible
from reconciler.errors import Interrupted, ManifestInvalid, ReconcilerError, Refused, SourceUnusable
from reconciler.manifest import load, project_root
from reconciler.manifest.policy import SHARED_FILE
from reconciler.reconcile import Options
from reconciler.render.fault import show_error
from reconciler.settings import Settings

SHOWN = 5
"""Saved files that are named."""
ASKED = 500
"""Saved files that git is asked about, in one command line; it would see some of more."""

Saves = SimpleQueue[Path | None]
"""Files as they are saved; None: somebody asks to stop."""


@dataclass(frozen=True, slots=True)
class Ground:
    """The files that a plan is made from: absolute paths without symbolic links."""

    root: Path
    manifest: Path
    head: Path | None
    """The file that git writes to when HEAD moves; None outside a repository."""

    @property
    def files(self) -> frozenset[Path]:
        """Single files that matter, whether or not git sees them."""
        return frozenset({self.manifest, self.root / SHARED_FILE, *((self.head,) if self.head else ())})


def watch_command(path: Path, options: Options, *, apply: bool) -> int:
    """Show the plan, and again after every change; with `apply` carry it out. Returns the exit code.

    0 when somebody asked to stop, 130 when that interrupted a plan that was being carried out.
    """
    load_first(path, apply=apply)
    chosen = {"dry_run": not apply, "output": "text", "detailed_exitcode": False}
    saves: Saves = SimpleQueue()
    with rounds(lambda: saves.put(None)) as begin, Watcher(saves.put) as watcher:

        def look() -> int:
            if apply:
                refuse_outside_sandbox(path)
            return reconcile_with(path, options, chosen, PlanFile(None), Occasion(begin(), trigger="watch"))

        return watch(ground_of(path), saves, watcher, look)


def load_first(path: Path, *, apply: bool) -> None:
    """Refuse what no later save can mend: a path without a file, `apply` outside the sandbox."""
    if not path.is_file():
        load(path, {})
    if apply:
        refuse_outside_sandbox(path)


def refuse_outside_sandbox(path: Path) -> None:
    """Raises Refused when the manifest is not for the sandbox, ManifestInvalid."""
    if not load(path, Settings.read().variables).sandbox:
        what = f"{path} is not for the sandbox: what is saved there is not applied"
        raise Refused(what, "merge it and let CI apply it, or follow a branch: reconcile watch --interval 300")


def ground_of(path: Path) -> Ground:
    """Where a manifest is, and what belongs to it."""
    root = project_root(path).resolve()
    try:
        head = GitCheckout(root).head_log()
    except SourceUnusable:
        head = None
    return Ground(root, path.resolve(), head.resolve() if head else None)


def watch(ground: Ground, saves: Saves, watcher: Watcher, look: Callable[[], int]) -> int:
    """`look` once, and then after every change until somebody asks to stop. Returns the exit code."""
    folders = frozenset({ground.root / "ml-projects"})
    due = True
    while True:
        folders = source_folders(ground, folders)
        scope = Scope(ground.files, folders)
        grown = watcher.follow(*_where(scope))
        if due or grown:
            if _tried(look) == Interrupted.exit_code:
                return Interrupted.exit_code
            click.echo(
                f"\nwatching {ground.manifest.name}, {len(folders)} folder(s) and HEAD; Ctrl-C ends it", err=True
            )
        burst = next_change(saves, scope)
        if burst is None:
            return 0
        names = changed_names(burst.paths, ground)
        due = bool(names)
        if due:
            more = ", ..." if len(names) > SHOWN else ""
            click.echo(visible(f"\nchanged: {', '.join(names[:SHOWN])}{more}"), err=True)


def _tried(look: Callable[[], int]) -> int:
    """The exit code of a look; what is wrong is shown, for the next save may mend it."""
    try:
        return look()
    except ReconcilerError as error:
        show_error(error, coloured=Settings.read().coloured)
        return error.exit_code


def source_folders(ground: Ground, otherwise: frozenset[Path]) -> frozenset[Path]:
    """The projects' folders; those known before while the manifest cannot be read."""
    try:
        manifest = load(ground.manifest, Settings.read().variables)
    except ManifestInvalid:
        return otherwise
    return frozenset(ground.root / manifest.source(name) for name in manifest.projects)


def _where(scope: Scope) -> tuple[frozenset[Path], frozenset[Path]]:
    """Folders to watch by themselves, and with all that is below them; where one is missing, the one it will be in."""
    deep = frozenset(folder for folder in scope.folders if folder.is_dir())
    missing = (folder for folder in scope.folders if not folder.is_dir())
    homes = (next(above for above in folder.parents if above.is_dir()) for folder in missing)
    return frozenset(file.parent for file in scope.files).union(homes), deep


def next_change(saves: Saves, scope: Scope, clock: Callable[[], float] = time.monotonic) -> Burst | None:
    """Wait until a change has settled; None when somebody asks to stop."""
    burst: Burst | None = None
    while burst is None or burst.due > clock():
        try:
            saved = saves.get(timeout=max(0.0, burst.due - clock()) if burst else None)
        except Empty:
            continue
        if saved is None:
            return None
        if scope.holds(saved):
            burst = joined(burst, saved, clock())
    return burst


def changed_names(paths: frozenset[Path], ground: Ground) -> tuple[str, ...]:
    """What to call the files that were saved, those left out that git would not see."""
    single = ["HEAD" if path == ground.head else _name(path, ground) for path in paths & ground.files]
    return tuple(sorted({*single, *_seen([_name(path, ground) for path in paths - ground.files], ground)}))


def _seen(names: Sequence[str], ground: Ground) -> Sequence[str]:
    if len(names) > ASKED:
        return names
    try:
        return GitCheckout(ground.root).seen(names)
    except SourceUnusable:
        return names


def _name(path: Path, ground: Ground) -> str:
    return path.relative_to(ground.root).as_posix() if path.is_relative_to(ground.root) else str(path)
