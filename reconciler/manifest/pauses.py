"""Which projects are paused, and which pauses are over."""

from reconciler.core.restraint import Pause, said
from reconciler.errors import ManifestInvalid
from reconciler.manifest.context import Context, at
from reconciler.manifest.load import Manifest


def find_pause(name: str, manifest: Manifest, context: Context) -> Pause | None:
    """The pause of a project. Raises ManifestInvalid for one that is over, where that is a mistake."""
    written = manifest.projects[name].paused
    if written is None:
        return None
    pause = Pause(written.reason, written.until)
    if context.strict_at and not pause.holds(context.strict_at):
        what = f"{said(pause.until)} is over; delete the pause, or give a later date"
        raise ManifestInvalid((at(manifest, ("projects", name, "paused", "until"), what),))
    return pause
