"""What the commit that is checked out holds of the projects' folders, and what the work tree has beside it."""

import posixpath
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from reconciler.adapters.git.attributes import IGNORED, Effects, above, digest_of, effects, left_out, with_folders
from reconciler.adapters.git.blobs import CommitFiles, is_wanted, read_blobs, target
from reconciler.adapters.git.command import Git, records
from reconciler.adapters.git.listing import LINK, SUBMODULE, Entry, Listing, list_folders
from reconciler.mlproject import Fault
from reconciler.mlproject.values import leads_out
from reconciler.ports import SourceTree

LFS_POINTER = b"version https://git-lfs.github.com/spec/"
USUAL = frozenset(
    {"__pycache__", ".venv", "venv", ".git", ".ipynb_checkpoints", ".mypy_cache", ".pytest_cache", ".ruff_cache"}
    | {".tox", ".nox", ".eggs", "node_modules", "mlruns", "mlartifacts", ".DS_Store", ".idea", ".vscode", ".reconcile"}
    | {".sandbox", "mlflow.db", ".env", ".coverage", "htmlcov", "build", "dist", ".cache"}
)
"""What everybody lets git ignore, and nobody misses in an image."""
USUAL_ENDS = (".pyc", ".pyo", ".egg-info", ".swp", ".log", "~")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Folders of one commit. Paths are from git's top level."""

    commit: str
    listing: Listing
    contents: Mapping[str, bytes]
    """Of small files and of those that say how a project is run, by object id."""
    applied: Effects
    """What attributes above the folders and in them do, from git's top level."""
    status: tuple[str, ...]
    """`XY path` of what differs from the commit, is not tracked, or is ignored."""
    lfs: bool
    """Whether this machine has a filter for Git LFS."""

    def describe(self, git: Git, folder: str, prefix: str) -> SourceTree | None:
        """One of the folders; None when the commit does not have it. `prefix` is the root's path.

        Raises SourceUnusable.
        """
        tree = self.listing.tree(folder)
        if tree is None:
            return None
        entries = dict(self.listing.below(folder))
        whole, own = self._effects(git, folder, tree, entries)
        exported = {name: entry for name, entry in entries.items() if not left_out(name, whole)}
        return SourceTree(
            self.commit,
            tree,
            self._changed(folder, prefix),
            files=CommitFiles(exported, self.contents, lambda one: read_blobs(git, [one]).get(one)),
            attributes=digest_of(whole, own),
            ignored=self._ignored(folder, prefix),
            faults=(*self._left_out(folder), *self._links(exported), *self._pointers(exported, whole)),
        )

    def submodules(self, folder: str) -> list[str]:
        """Names of the submodules in a folder."""
        return [name for name, entry in self.listing.below(folder) if entry.mode == SUBMODULE]

    def _effects(self, git: Git, folder: str, tree: str, entries: Mapping[str, Entry]) -> tuple[Effects, Effects]:
        """What attributes do to the folder's files: all of them, and those in the folder alone."""
        own = effects(git, tree, with_folders(entries)) if self.listing.has_attributes(folder) else {}
        if not self.listing.attributes_above(folder):
            return own, own
        start = f"{folder}/"
        below = {path: done for path, done in self.applied.items() if path.startswith(start) and path != start}
        return {path.removeprefix(start): done for path, done in below.items()}, own

    def _left_out(self, folder: str) -> Iterator[Fault]:
        marked = [path for path in above(folder) if IGNORED in self.applied.get(path, ())]
        if marked:
            what = f"{marked[0]} is marked export-ignore, so nothing of the project would be in its image"
            yield Fault("MLproject", 1, "", f"{what}; mark what is in the project's folder alone")

    def _is_pointer(self, entry: Entry) -> bool:
        return entry.mode != LINK and self.contents.get(entry.id, b"").startswith(LFS_POINTER)

    def _pointers(self, entries: Mapping[str, Entry], applied: Effects) -> Iterator[Fault]:
        for name, entry in sorted(entries.items()):
            if not self._is_pointer(entry):
                continue
            if not any(one == "filter=lfs" for one in applied.get(name, ())):
                what = "is a pointer of Git LFS that no .gitattributes of the commit tells to be one"
                remedy = f"git lfs track '{name}', git add .gitattributes, and commit"
                yield Fault(name, 1, "", f"{what}; {remedy}; or commit the file itself")
            elif not self.lfs:
                yield Fault(
                    name, 1, "", "is a pointer of Git LFS, which this machine has no filter for; git lfs install"
                )

    def _links(self, entries: Mapping[str, Entry]) -> Iterator[Fault]:
        for name, entry in sorted(entries.items()):
            if entry.mode != LINK:
                continue
            link = self.contents.get(entry.id, b"")
            if leads_out(target(name, link)):
                leads = f"is a link to {link.decode(errors='replace')}, which is out of the project's folder"
                yield Fault(
                    name, 1, "", f"{leads}; put `source` at the folder that holds both, or copy what it leads to"
                )

    def _changed(self, folder: str, prefix: str) -> tuple[str, ...]:
        return tuple(sorted(self._below(folder, prefix, ignored=False)))

    def _ignored(self, folder: str, prefix: str) -> tuple[str, ...]:
        found = self._below(folder, prefix, ignored=True)
        return tuple(sorted(path for path in found if not _is_usual(path)))

    def _below(self, folder: str, prefix: str, *, ignored: bool) -> Iterator[str]:
        start = f"{folder}/" if folder else ""
        for record in self.status:
            path = record[3:]
            if record.startswith("!!") is ignored and path.startswith(start) and path.startswith(prefix):
                yield path.removeprefix(prefix)


def take(git: Git, top: Git, commit: str, folders: Collection[str]) -> Snapshot:
    """Ask for everything that there is to know of the folders: four questions, however many they are.

    `git` is at the root, `top` at git's top level. Raises SourceUnusable.
    """
    listing = list_folders(top, commit, folders)
    wanted = [entry.id for folder in folders for name, entry in listing.below(folder) if is_wanted(name, entry)]
    question = ("status", "--porcelain", "--untracked-files=all", "--ignored=matching", "--no-renames", "-z")
    status = records(git.ask(*question, "--", *(sorted(_pathspecs(git, top, folders)) or (".",))))
    contents = read_blobs(top, wanted)
    pointers = any(content.startswith(LFS_POINTER) for content in contents.values())
    applied = _applied(top, commit, listing, folders)
    return Snapshot(commit, listing, contents, applied, tuple(status), lfs=pointers and _has_lfs(git))


def _applied(top: Git, commit: str, listing: Listing, folders: Collection[str]) -> Effects:
    """What attributes do to all folders that some stand above, asked at once."""
    asked = [folder for folder in folders if listing.tree(folder) and listing.attributes_above(folder)]
    names = {f"{folder}/{name}" for folder in asked for name in with_folders(dict(listing.below(folder)))}
    return effects(top, commit, sorted({*names, *(path for folder in asked for path in above(folder))}))


def _pathspecs(git: Git, top: Git, folders: Collection[str]) -> Iterator[str]:
    """The folders as they are written from where git works."""
    return (posixpath.relpath(str(top.folder / folder), str(git.folder)) for folder in folders)


def _has_lfs(git: Git) -> bool:
    """Whether git knows how to turn pointers into files: https://git-scm.com/docs/gitattributes#_filter"""
    return git.run("config", "--get-regexp", r"^filter\.lfs\.(smudge|process)$").returncode == 0


def _is_usual(path: str) -> bool:
    parts = path.rstrip("/").split("/")
    return any(part in USUAL or part.endswith(USUAL_ENDS) for part in parts)
