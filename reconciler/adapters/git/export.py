"""A folder of a commit, written into another place as git would check it out."""

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from reconciler.adapters.git.attributes import Applied, find_effects
from reconciler.adapters.git.blobs import LFS_POINTER, CommitFiles, read_blobs
from reconciler.adapters.git.command import Git
from reconciler.adapters.git.listing import LINK, Listing
from reconciler.adapters.git.own_attributes import without_machines
from reconciler.adapters.git.snapshot import link_faults
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
)
"""One commit is exported as the same bytes whatever this machine's umask and line ends are."""
_WITH_ALL_FILES: dict[str, str | None] = {"GIT_LFS_SKIP_SMUDGE": None}
"""Who spares a checkout the files of Git LFS, as CI does, wants them in an image all the same:
https://man.archlinux.org/man/git-lfs-smudge.1.en.txt"""


def export_folder(top: Git, listing: Listing, commit: str, folder: str, path: str, target: Path) -> None:
    """Write the folder of the commit into the empty folder `target`. Raises SourceUnusable.

    `listing` is of the folder; `folder` is from git's top level, where `top` works; `path` is what people call it. The
    archive is made from the root, so that attributes that stand above the folder apply; and of the tree, not of the
    commit: `export-subst` would write the commit's id into the files, and one digest would have many contents.
    """
    _refuse_links(top, listing, folder, path)
    with tempfile.TemporaryDirectory(prefix="reconcile-archive-") as scratch:
        archive = Path(scratch) / "source.tar"
        wanted = ("--", folder) if folder else ()
        arguments = ("archive", "--format=tar", f"--output={archive}", f"{commit}^{{tree}}", *wanted)
        with without_machines(top) as alone:
            variables = {**alone.variables, **_WITH_ALL_FILES}
            replace(alone, variables=variables).ask(*_SAME_EVERYWHERE, *arguments)
        _unpack(archive, target, folder, path)
    _refuse_pointers(target, path)


def _refuse_links(top: Git, listing: Listing, folder: str, path: str) -> None:
    """Refuse links that lead out before anything is unpacked, in the words that a plan has for them."""
    links = {name: entry for name, entry in listing.below(folder) if entry.mode == LINK}
    if not links:
        return
    files = CommitFiles(links, read_blobs(top, [entry.id for entry in links.values()]))
    left_out = find_effects(top, listing, (folder,)).get(folder, Applied()).left_out
    faults = [fault for fault in link_faults(files) if fault.file not in left_out]
    if faults:
        raise SourceUnusable("; ".join(f"{path}/{fault}" for fault in faults))


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
