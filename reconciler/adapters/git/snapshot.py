"""What the commit that is checked out holds of the projects' folders, and what the work tree has beside it."""

import posixpath
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from reconciler.adapters.git.attributes import Applied, digest_of, find_effects
from reconciler.adapters.git.blobs import LFS_POINTER, CommitFiles, is_wanted, read_blobs
from reconciler.adapters.git.command import Git, records
from reconciler.adapters.git.links import fault_of
from reconciler.adapters.git.listing import Listing, list_folders, starting_with
from reconciler.mlproject import Fault
from reconciler.ports import SourceTree

USUAL = frozenset(
    {"__pycache__", ".venv", "venv", ".git", ".ipynb_checkpoints", ".mypy_cache", ".pytest_cache", ".ruff_cache"}
    | {".tox", ".nox", ".eggs", "node_modules", "mlruns", "mlartifacts", ".DS_Store", ".idea", ".vscode", ".reconcile"}
    | {".sandbox", "mlflow.db", ".env", ".coverage", "htmlcov", "build", "dist", ".cache"}
)
"""What everybody lets git ignore, and nobody misses in an image."""
USUAL_ENDS = (".pyc", ".pyo", ".egg-info", ".swp", ".log", "~")


@dataclass(frozen=True)
class Snapshot:
    """Folders of one commit. Paths are from git's top level."""

    commit: str
    listing: Listing
    contents: Mapping[str, bytes]
    """Of small files and of those that say how a project is run, by object id."""
    applied: Mapping[str, Applied]
    """What attributes do to the files of folders; none for one that there are none for."""
    changed: Sequence[str]
    """Files that differ from the commit, or are not tracked, sorted."""
    ignored: Sequence[str]
    """Files and folders that git is told to ignore, sorted."""
    lfs: str
    """Why this machine turns no pointers of Git LFS into files, and what to do; empty when it does."""

    def describe(self, git: Git, folder: str, prefix: str) -> SourceTree | None:
        """One of the folders; None when the commit does not have it. `prefix` is the root's path."""
        tree = self.listing.tree(folder)
        if tree is None:
            return None
        applied = self.applied.get(folder, Applied())
        entries = dict(self.listing.below(folder))
        kept = {name: entry for name, entry in entries.items() if name not in applied.left_out}
        exported = CommitFiles(kept, self.contents)
        ignored = (path for path in _below(folder, self.ignored) if not _is_usual(path))
        return SourceTree(
            self.commit,
            tree,
            _from(prefix, _below(folder, self.changed)),
            files=CommitFiles(entries, self.contents, lambda one: read_blobs(git, [one]).get(one)),
            attributes=digest_of(applied),
            ignored=_from(prefix, ignored),
            faults=(*link_faults(exported), *self._pointers(exported, applied)),
            left_out=tuple(sorted(applied.left_out)),
        )

    def _pointers(self, files: CommitFiles, applied: Applied) -> Iterator[Fault]:
        for name in files.names:
            if not files.is_pointer(name):
                continue
            if "filter=lfs" not in applied.whole.get(name, ()):
                what = "is a pointer of Git LFS that no .gitattributes of the commit tells to be one"
                remedy = f"git lfs track '{name}', git add .gitattributes, and commit"
                yield Fault(name, 1, "", f"{what}; {remedy}; or commit the file itself")
            elif self.lfs:
                yield Fault(name, 1, "", f"is a pointer of Git LFS, {self.lfs}")


def link_faults(files: CommitFiles) -> Iterator[Fault]:
    """What is wrong with the links of a folder."""
    for name in sorted(files.links):
        if fault := fault_of(name, files.links):
            yield Fault(name, 1, "", fault)


def take(git: Git, top: Git, commit: str, folders: Collection[str]) -> Snapshot:
    """Ask for everything that there is to know of the folders: as many questions for one as for many.

    `git` is at the root, `top` at git's top level. Raises SourceUnusable.
    """
    listing = list_folders(top, commit, folders)
    wanted = [entry.id for folder in folders for name, entry in listing.below(folder) if is_wanted(name, entry)]
    question = ("status", "--porcelain", "--untracked-files=all", "--ignored=matching", "--no-renames", "-z")
    # `XY path`, the path always from git's top level.
    status = records(git.ask(*question, "--", *(sorted(_pathspecs(git, top, folders)) or (".",))))
    contents = read_blobs(top, wanted)
    pointers = any(content.startswith(LFS_POINTER) for content in contents.values())
    return Snapshot(
        commit,
        listing,
        contents,
        find_effects(top, listing, folders),
        changed=sorted(record[3:] for record in status if not record.startswith("!!")),
        ignored=sorted(record[3:] for record in status if record.startswith("!!")),
        lfs=_lfs_fault(git) if pointers else "",
    )


def _pathspecs(git: Git, top: Git, folders: Collection[str]) -> Iterator[str]:
    """The folders as they are written from where git works."""
    return (posixpath.relpath(str(top.folder / folder), str(git.folder)) for folder in folders)


def _below(folder: str, paths: Sequence[str]) -> Sequence[str]:
    return starting_with(f"{folder}/", paths) if folder else paths


def _from(prefix: str, paths: Iterable[str]) -> tuple[str, ...]:
    return tuple(path.removeprefix(prefix) for path in paths if path.startswith(prefix))


def _lfs_fault(git: Git) -> str:
    """Why git would leave pointers as they are: https://git-scm.com/docs/gitattributes#_filter

    `git lfs install --skip-smudge` writes filters that skip: https://man.archlinux.org/man/git-lfs-smudge.1.en.txt
    """
    found = git.run("config", "--get-regexp", r"^filter\.lfs\.(smudge|process)$")
    if found.returncode != 0:
        return "which this machine has no filter for; git lfs install"
    skips = [line for line in found.stdout.splitlines() if "--skip" in line.split()]
    return "which this machine's filter skips (--skip); git lfs install --force" if skips else ""


def _is_usual(path: str) -> bool:
    parts = path.rstrip("/").split("/")
    return any(part in USUAL or part.endswith(USUAL_ENDS) for part in parts)
