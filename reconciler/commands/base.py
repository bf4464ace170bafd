"""`--base`: the manifest of somebody who may ask for a plan, and may not say of what."""

import os
from pathlib import Path

from reconciler.core.identity import differences
from reconciler.errors import Refused
from reconciler.manifest import Header, load_header, project_root
from reconciler.manifest.links import leads_out
from reconciler.settings import Settings

_ELSEWHERE = "no plan is made, because it would take this environment's credentials elsewhere; merge it to see its plan"


def check_base(path: Path, base: Path, settings: Settings) -> None:
    """Raises Refused when a manifest would lead this process to another place than `base` does; ManifestInvalid."""
    _refuse_links(project_root(path).absolute())
    ours, theirs = (load_header(one, settings.variables) for one in (base, path))
    if found := (*differences(ours.platform, theirs.platform), *_kinds(ours, theirs)):
        raise Refused("\n  ".join((f"{path} is of another environment than {base}:", *found)), _ELSEWHERE)


def _kinds(ours: Header, theirs: Header) -> tuple[str, ...]:
    same = ours.sandbox == theirs.sandbox
    return () if same else (f"sandbox: {str(ours.sandbox).lower()} became {str(theirs.sandbox).lower()}",)


def _refuse_links(root: Path) -> None:
    """What a link leads to could be told in an error, and is nobody's to read who only wrote the link."""
    for folder, folders, files in os.walk(root):
        for name in (*folders, *files):
            path = Path(folder) / name
            if path.is_symlink() and leads_out(path, root):
                raise Refused(f"{path} is a link that leads out of {root}", "commit the file itself")
