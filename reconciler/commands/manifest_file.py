"""The manifest as a file that is edited for a person."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reconciler.errors import ManifestInvalid


def read_manifest(path: Path) -> str:
    """The manifest, its line ends as they are. Raises ManifestInvalid."""
    try:
        return path.read_bytes().decode()
    except (OSError, UnicodeDecodeError) as error:
        raise ManifestInvalid((f"{path}:1: cannot be read: {error}",)) from error


def replace_manifest(path: Path, text: str) -> None:
    """At once, so that nobody ever reads half a manifest."""
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_bytes(text.encode())
    fresh.replace(path)


@contextmanager
def edited(path: Path, before: str, after: str) -> Iterator[None]:
    """The manifest after an edit, which is taken back when something goes wrong inside."""
    replace_manifest(path, after)
    try:
        yield
    except BaseException:
        replace_manifest(path, before)
        raise
