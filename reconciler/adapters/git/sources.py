"""The git repository that holds the manifest and the projects' folders."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path, PurePosixPath

from reconciler.adapters.git.command import PATIENCE, Git, NoSuchObject, records
from reconciler.adapters.git.export import export_folder
from reconciler.adapters.git.listing import list_folders
from reconciler.adapters.git.snapshot import Snapshot, take
from reconciler.adapters.signature import fault
from reconciler.errors import SourceUnusable
from reconciler.ports import Head, SourceTree


class GitSources:
    """The repository around `root`, the folder that paths are relative to; it may be below git's top level.

    `patience`: seconds that one git command may take. `together`: folders that are going to be described, which are
    then asked for at once, and as they are at that moment.
    """

    def __init__(self, root: Path, patience: float = PATIENCE, together: Sequence[str] = ()) -> None:
        self._root = root
        self._git = Git(root, patience)
        self._together = together
        self._snapshot: Snapshot | None = None
        self._known: dict[str, SourceTree] = {}

    def describe(self, path: str) -> SourceTree:
        """State of the folder `path`, relative to the root, forward slashes. Raises SourceUnusable.

        The uncommitted files are named relative to the root as well.
        """
        if path not in self._together:
            return self._described(path, self._take((path,)))
        if path not in self._known:
            self._snapshot = self._snapshot or self._take(self._together)
            self._known[path] = self._described(path, self._snapshot)
        return self._known[path]

    def _described(self, path: str, snapshot: Snapshot) -> SourceTree:
        folder = self._from_top(path)
        found = snapshot.describe(self._top, folder, self._place[1])
        if found is None:
            raise self._untracked(snapshot.commit, _inside(path))
        if submodules := snapshot.listing.submodules(folder):
            raise _with_submodules(_inside(path), submodules)
        return found

    def signature_fault(self) -> str:
        """What is wrong with HEAD's signature, GPG's or SSH's, in git's words; empty when it is good.

        Whom to trust is git's to know: gpg.ssh.allowedSignersFile, gpg.minTrustLevel. Raises SourceUnusable.
        """
        letter = self._git.ask("log", "-1", "--no-show-signature", "--format=%G?", "HEAD").strip()
        verified = self._git.run("verify-commit", "HEAD")
        return fault(letter, verified.returncode == 0, verified.stderr)

    def export(self, commit: str, path: str, target: Path) -> None:
        """Write what git tracks under `path` at `commit` into the empty folder `target`. Raises SourceUnusable.

        File modes and symlinks are kept. The attributes of the commit apply, from its root down; those of this machine
        do not. Files that .gitattributes marks `export-ignore` are left out.
        """
        folder = _inside(path)
        if any(target.iterdir()):
            raise SourceUnusable(f"{target} is not empty", "export into an empty folder")
        known, wanted = self._commit(commit), self._from_top(path)
        listing = list_folders(self._top, known, (wanted,))
        if listing.tree(wanted) is None:
            raise self._untracked(known, folder)
        if submodules := listing.submodules(wanted):
            raise _with_submodules(folder, submodules)
        export_folder(self._top, listing, known, wanted, path, target)

    def head(self) -> Head:
        """What is checked out. Raises SourceUnusable."""
        commit = self.head_commit()
        return Head(commit, self._git.ask("log", "--max-count=1", "--format=%an", commit).strip())

    def head_commit(self) -> str:
        """40 hex digits of HEAD. Raises SourceUnusable."""
        try:
            return self._commit("HEAD")
        except NoSuchObject as error:
            what = f"the git repository at {self._root} has no commit yet"
            raise SourceUnusable(what, 'git add --all && git commit -m "first"') from error

    def uncommitted(self, paths: Sequence[str]) -> tuple[str, ...]:
        """Files at or below the paths that differ from HEAD or are not tracked, sorted. Raises SourceUnusable.

        Paths are, and files are named, relative to the root; ignored files are left out.
        """
        prefix = self._place[1]
        question = ("status", "--porcelain", "--untracked-files=all", "--no-renames", "-z", "--", *paths)
        # `XY path`, the path always from git's top level.
        return tuple(sorted(record[3:].removeprefix(prefix) for record in records(self._git.ask(*question))))

    def _take(self, paths: Sequence[str]) -> Snapshot:
        commit = self.head_commit()
        folders = {self._from_top(path) for path in paths}
        return take(self._git, self._top, commit, sorted(folders))

    def _from_top(self, path: str) -> str:
        """A path as git's top level has it; empty for the top level itself."""
        return str(PurePosixPath(self._place[1]) / _inside(path)).removeprefix(".").removeprefix("/")

    @cached_property
    def _place(self) -> tuple[str, str]:
        """Git's top level, and the root's path below it with a slash at its end."""
        top, _, prefix = self._git.ask("rev-parse", "--show-toplevel", "--show-prefix").partition("\n")
        return top, prefix.removesuffix("\n")

    @property
    def _top(self) -> Git:
        return Git(Path(self._place[0]), self._git.patience)

    def _commit(self, name: str) -> str:
        found = self._git.ask("rev-parse", "--verify", "--end-of-options", f"{name}^{{commit}}")
        return found.strip()

    def _untracked(self, commit: str, folder: PurePosixPath) -> SourceUnusable:
        if (self._root / folder).is_dir():
            what = f"{folder} is not in commit {commit[:12]}: git does not track it as a folder there"
            return SourceUnusable(what, f"git add '{folder}' && git commit")
        return SourceUnusable(
            f"there is no folder {folder} in {self._root}", "create it, or correct `source` in the manifest"
        )


def _with_submodules(folder: PurePosixPath, names: Sequence[str]) -> SourceUnusable:
    what = f"{folder} holds git submodules, whose files git does not track here: {', '.join(names)}"
    return SourceUnusable(what, "commit the files themselves, or depend on them as a package")


def _inside(path: str) -> PurePosixPath:
    folder = PurePosixPath(path)
    if folder.is_absolute() or ".." in folder.parts or "\0" in path:
        raise SourceUnusable(f"{path!r} leads out of the project root", "name a folder inside it, with forward slashes")
    return folder
