"""The manifest: from YAML to the desired state, or to every problem that it has."""

from typing import Any

from reconciler.manifest.context import Context
from reconciler.manifest.load import Header, Manifest, load, load_header, project_root
from reconciler.manifest.names import name_fault
from reconciler.manifest.resolve import resolve

__all__ = [
    "Context",
    "Header",
    "Manifest",
    "json_schema",
    "load",
    "load_header",
    "name_fault",
    "project_root",
    "resolve",
]


def json_schema() -> dict[str, Any]:
    """JSON Schema of the manifest, for editors."""
    from reconciler.manifest.editor_schema import manifest_schema

    return manifest_schema()
