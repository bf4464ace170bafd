"""A folder of a commit, written into another place as git would check it out."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from reconciler.adapters.git.command import NO_SYSTEM, OWN_ATTRIBUTES, Git
from reconciler.adapters.git.snapshot import LFS_POINTER
from reconciler.errors import SourceUnusable

_SAME_EVERYWHERE = (
    "-c",
    "tar.umask=0022",
    "-c",
    "core.autocrlf=false",
    "-c",
    "core.eol=lf",
    "-c",
    "core.sparseCheckout=false",
    *OWN_ATTRIBUTES,
)
"""One commit is exported as the same bytes whatever this machine's umask, line ends and attributes are."""


def export_folder(top: Git, commit: str, folder: str, path: str, target: Path) -> None:
    """Write the folder of the commit into the empty folder `target`. Raises SourceUnusable.

    `folder` is from git's top level, where `top` works; `path` is what people call it. The archive is made from the
    root, so that attributes that stand above the folder apply; and of the tree, not of the commit: `export-subst` would
    write the commit's id into the files, and one digest would have many contents.
    """
    with tempfile.TemporaryDirectory(prefix="reconcile-archive-") as scratch:
        archive = Path(scratch) / "source.tar"
        wanted = ("--", folder) if folder else ()
        arguments = ("archive", "--format=tar", f"--output={archive}", f"{commit}^{{tree}}", *wanted)
        top.ask(*_SAME_EVERYWHERE, *arguments, environment=NO_SYSTEM)
        _unpack(archive, target, folder, path)
    _refuse_pointers(target, path)


def _unpack(archive: Path, target: Path, folder: str, path: str) -> None:
    # Only an export needs it: checking a manifest should not wait for it.
    import tarfile

    def below(tar: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
        start = f"{folder}/" if folder else ""
        for member in tar:
            if member.name.startswith(start) and member.name != start:
                yield member.replace(name=member.name.removeprefix(start), deep=False)

    try:
        with tarfile.open(archive) as tar:
            tar.extractall(target, members=below(tar), filter="data")
    except (tarfile.TarError, OSError) as fault:
        remedy = "a link must stay inside the project's folder" if isinstance(fault, tarfile.FilterError) else ""
        raise SourceUnusable(f"could not export {path}: {fault}", remedy) from fault


def _refuse_pointers(target: Path, path: str) -> None:
    """Without git-lfs on this machine, git hands out a pointer where the file should be."""
    pointers = sorted(str(file.relative_to(target)) for file in target.rglob("*") if _is_pointer(file))
    if pointers:
        what = f"{path} holds Git LFS pointers instead of files: {', '.join(pointers)}"
        raise SourceUnusable(what, "git lfs install && git lfs pull")


def _is_pointer(file: Path) -> bool:
    if file.is_symlink() or not file.is_file():
        return False
    with file.open("rb") as content:
        return content.read(len(LFS_POINTER)) == LFS_POINTER
