"""Folders kept by what they contain: `store/<sha256 hex>/…`, written once and never changed."""

import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reconciler.adapters.images.ecr import Blob
from reconciler.errors import BuildFailed


@contextmanager
def incoming(store: Path) -> Iterator[Path]:
    """An empty folder on the store's own disk, to be filled and kept; gone afterwards unless it was kept.

    Raises BuildFailed when the disk refuses.
    """
    try:
        store.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".incoming-", dir=store) as scratch:
            folder = Path(scratch) / "content"
            folder.mkdir()
            yield folder
    except OSError as fault:
        raise BuildFailed(
            f"could not write to {store}: {fault.strerror or fault}", "see to its disk and rights"
        ) from fault


def keep(folder: Path, store: Path) -> Blob:
    """Move a folder into the store under its digest; one that is there already stays as it is."""
    digest, size = fingerprint(folder)
    target = store / digest
    if not target.is_dir():
        try:
            folder.rename(target)
        except OSError:
            if not target.is_dir():  # else somebody else kept the same a moment ago
                raise
    return Blob(f"sha256:{digest}", size)


def copy(source: Path, target: Path) -> None:
    """Copy a folder's content, links as links, into an existing folder."""
    shutil.copytree(source, target, symlinks=True, dirs_exist_ok=True)


def fingerprint(folder: Path) -> tuple[str, int]:
    """sha256, as 64 hex digits, over path, executable bit and content of every file, and the bytes they take.

    Time stamps, owners, other rights and empty folders do not count.
    """
    digest, size = hashlib.sha256(), 0
    for file in sorted(_files(folder), key=lambda file: os.fsencode(file.relative_to(folder))):
        kind, content, length = _entry(file)
        for part in (os.fsencode(file.relative_to(folder)), kind, content):
            # Lengths keep the parts apart: otherwise "ab" + "c" and "a" + "bc" were the same.
            digest.update(len(part).to_bytes(8, "big") + part)
        size += length
    return digest.hexdigest(), size


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_symlink() or path.is_file())


def _entry(file: Path) -> tuple[bytes, bytes, int]:
    """Kind, what it holds (a link's target, a file's sha256), and size in bytes."""
    if file.is_symlink():
        target = os.fsencode(file.readlink())
        return b"link", target, len(target)
    status = file.stat()
    kind = b"program" if status.st_mode & stat.S_IXUSR else b"file"
    return kind, _sha256(file), status.st_size


def _sha256(file: Path) -> bytes:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").digest()
