"""What an environment asks of the commit that it is changed from."""

from reconciler.core.restraint import Requires
from reconciler.manifest.context import Context
from reconciler.manifest.load import Manifest

SHARED = ("policies", "terraform")
"""Folders that shape what is made, beside the manifest and the projects' own."""


def find_requires(manifest: Manifest, context: Context) -> Requires:
    """What is asked. A signature says nothing of a tree that is not as it was signed, so it asks for a clean one."""
    written = manifest.requires
    if not (written.clean_tree or written.signed_commits):
        return Requires()
    paths = {context.shown(manifest.path.absolute()), *SHARED, *manifest.sources}
    return Requires(tuple(sorted(paths)), written.signed_commits)
