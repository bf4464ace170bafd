"""The git repository that holds the manifest and the projects' folders."""

from reconciler.adapters.git.command import ENVIRONMENT, PATIENCE
from reconciler.adapters.git.sources import GitSources

__all__ = ["ENVIRONMENT", "PATIENCE", "GitSources"]
