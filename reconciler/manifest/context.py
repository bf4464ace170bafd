"""What `resolve` looks at besides the manifest, and how it names what is wrong there."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.manifest.load import Manifest
from reconciler.manifest.problem import Problem, Where, describe

if TYPE_CHECKING:
    from reconciler.ports import Sources  # the ports cost a tenth of the time that a whole `validate` may take


@dataclass(frozen=True, slots=True)
class Context:
    """The checkout that a manifest belongs to."""

    root: Path
    """The folder that sources are relative to."""
    sources: "Sources"
    terraform: Path
    """The folder that holds the stacks `platform`, `training` and `deployment`."""
    tracking_uri: str | None = None
    """The MLflow server, where the manifest names none: the sandbox's own."""
    strict_at: datetime | None = None
    """The time, where a pause that is over is a mistake of the manifest; None: it is worth a note."""

    def shown(self, path: Path) -> str:
        """A path as a person in the root folder would write it."""
        return str(path.relative_to(self.root) if path.is_relative_to(self.root) else path)


def at(manifest: Manifest, where: Where, what: str) -> str:
    """One problem at a place of the manifest: `file:line: path: sentence`."""
    return describe(str(manifest.path), manifest.lines, [Problem(where, what)])[0]
