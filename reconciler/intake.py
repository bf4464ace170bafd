"""From a manifest's path to the desired state, without asking anything but git and this machine."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.adapters.clock import SystemClock
from reconciler.adapters.git import GitSources
from reconciler.core.desired import DesiredState
from reconciler.errors import SettingsMissing
from reconciler.manifest import Context, load, project_root, resolve
from reconciler.settings import Settings

if TYPE_CHECKING:
    from reconciler.sandbox import Sandbox

STOPPED_SANDBOX_URI = "http://127.0.0.1:5000"


@dataclass(frozen=True, slots=True)
class Intake:
    """What a manifest asks for, and where."""

    desired: DesiredState
    root: Path
    """The folder that holds `ml-projects/`; sources are relative to it."""
    sandbox: "Sandbox | None"
    """The running sandbox, when the manifest is for it."""


def take_in(path: Path, settings: Settings, *, offline: bool = False) -> Intake:
    """Load and resolve a manifest. `offline` does without a running sandbox: nothing will be asked of it.

    Raises ManifestInvalid with every problem, SettingsMissing when the sandbox is needed and not running.
    """
    root = project_root(path).absolute()
    manifest = load(path, settings.variables)
    sandbox = running_sandbox(root, settings) if manifest.sandbox and not offline else None
    if manifest.sandbox and sandbox is None and not offline:
        what, remedy = why_no_sandbox(root, settings)
        raise SettingsMissing(f"{path} is for the sandbox, and {what}", remedy)
    uri = (sandbox.mlflow_url if sandbox else STOPPED_SANDBOX_URI) if manifest.sandbox else settings.tracking_uri
    context = Context(
        root=root,
        sources=GitSources(root, together=manifest.sources),
        terraform=stacks_folder(root),
        tracking_uri=uri,
        # In CI nobody reads notes, and a pause that was forgotten stays so.
        strict_at=SystemClock().now() if settings.ci else None,
    )
    return Intake(resolve(manifest, context), root, sandbox)


def running_sandbox(root: Path, settings: Settings) -> "Sandbox | None":
    """The sandbox that a manifest of this project root would reach; None when it does not run."""
    from reconciler.sandbox import find

    return find(sandbox_home(root, settings))


def why_no_sandbox(root: Path, settings: Settings) -> tuple[str, str]:
    """What keeps it from being reached, and what to type."""
    from reconciler.sandbox import why_none

    error = why_none(sandbox_home(root, settings))
    return error.what, error.remedy


def sandbox_home(start: Path, settings: Settings) -> Path:
    """Where the sandbox keeps what it holds: RECONCILE_SANDBOX_HOME, or the nearest `.sandbox` at or above `start`."""
    if settings.sandbox_home:
        return settings.sandbox_home
    candidates = (folder / ".sandbox" for folder in (start, *start.parents))
    return next((home for home in candidates if _holds_one(home)), start / ".sandbox")


def _holds_one(home: Path) -> bool:
    try:
        return (home / "ports.json").is_file()
    except PermissionError:
        return False  # somebody else's


def stacks_folder(root: Path) -> Path:
    """The Terraform root modules beside the manifests, or those that came with the program."""
    beside = root / "terraform" / "stacks"
    return beside if beside.is_dir() else Path(__file__).parent.parent / "terraform" / "stacks"
