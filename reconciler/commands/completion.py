"""What a shell offers when somebody presses the tabulator key. Nothing here fails: a shell would show the error."""

from pathlib import Path

from reconciler.errors import ReconcilerError
from reconciler.manifest.document import read_document

FOLDER = Path("manifests")


def project_names(path: Path) -> tuple[str, ...]:
    """The projects of a manifest, as they stand there, be it valid or not; none when it cannot be read."""
    try:
        document = read_document(path.read_text(encoding="utf-8-sig")).value
    except (OSError, ValueError, ReconcilerError):
        return ()
    projects = document.get("projects") if isinstance(document, dict) else None
    return tuple(projects) if isinstance(projects, dict) else ()


def manifest_paths() -> tuple[str, ...]:
    """The manifests that there are, sorted."""
    return tuple(sorted(str(path) for path in FOLDER.glob("*.yaml")))
