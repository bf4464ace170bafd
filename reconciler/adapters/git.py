"""The git repository that holds the manifest and the projects' folders."""

import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from reconciler.adapters.process import inherit, not_started
from reconciler.adapters.signature import fault
from reconciler.errors import SourceUnusable
from reconciler.ports import Head, SourceTree

PATIENCE = 300.0
"""Seconds for one git command: most take some milliseconds, an export of much data or a slow disk some more."""
SUBMODULE = "160000"
"""The mode that git gives to a submodule's entry."""
LFS_POINTER = b"version https://git-lfs.github.com/spec/"

# A hook, or `git rebase --exec`, sets these for its own repository and index; ours is the one at the root folder.
# GIT_CONFIG_* stays: CI says there that it trusts the checkout.
_REDIRECTIONS: tuple[str, ...] = (
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_DIR",
    "GIT_GLOB_PATHSPECS",
    "GIT_ICASE_PATHSPECS",
    "GIT_INDEX_FILE",
    "GIT_NAMESPACE",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_WORK_TREE",
)
ENVIRONMENT: dict[str, str | None] = {
    **dict.fromkeys(_REDIRECTIONS),
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_OPTIONAL_LOCKS": "0",  # looking must not get in the way of the person who works there
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",  # the messages are told apart below
}
"""What every git command of ours runs with, beside our own environment."""

_SAME_EVERYWHERE = ("-c", "tar.umask=0022", "-c", "core.autocrlf=false", "-c", "core.eol=lf")
"""One commit is exported as the same bytes whatever this machine's umask and line ends are."""
_MISSING = ("Needed a single revision", "unknown revision", "bad revision", "not a tree object", "does not exist in")
"""How git says that there is no such commit, or no such path in it."""


class GitSources:
    """The repository around `root`, the folder that paths are relative to; it may be below git's top level.

    `patience`: seconds that one git command may take.
    """

    def __init__(self, root: Path, patience: float = PATIENCE) -> None:
        self._root = root
        self._patience = patience

    def describe(self, path: str) -> SourceTree:
        """State of the folder `path`, relative to the root, forward slashes. Raises SourceUnusable.

        The uncommitted files are named relative to the root as well.
        """
        folder = _inside(path)
        commit = self.head_commit()
        return SourceTree(commit, self._tree(commit, folder), self.uncommitted((str(folder),)))

    def signature_fault(self) -> str:
        """What is wrong with HEAD's signature, GPG's or SSH's, in git's words; empty when it is good.

        Whom to trust is git's to know: gpg.ssh.allowedSignersFile, gpg.minTrustLevel. Raises SourceUnusable.
        """
        letter = self._git("log", "-1", "--no-show-signature", "--format=%G?", "HEAD").strip()
        verified = self._run("verify-commit", "HEAD")
        return fault(letter, verified.returncode == 0, verified.stderr)

    def export(self, commit: str, path: str, target: Path) -> None:
        """Write what git tracks under `path` at `commit` into the empty folder `target`. Raises SourceUnusable.

        File modes and symlinks are kept. Files that .gitattributes marks `export-ignore` are left out.
        """
        folder = _inside(path)
        if any(target.iterdir()):
            raise SourceUnusable(f"{target} is not empty", "export into an empty folder")
        tree = self._tree(self._commit(commit), folder)
        with tempfile.TemporaryDirectory(prefix="reconcile-archive-") as scratch:
            archive = Path(scratch) / "source.tar"
            self._git(*_SAME_EVERYWHERE, "archive", "--format=tar", f"--output={archive}", tree)
            _unpack(archive, target, path)
        _refuse_pointers(target, path)

    def head(self) -> Head:
        """What is checked out. Raises SourceUnusable."""
        commit = self.head_commit()
        return Head(commit, self._git("log", "--max-count=1", "--format=%an", commit).strip())

    def head_commit(self) -> str:
        """40 hex digits of HEAD. Raises SourceUnusable."""
        try:
            return self._commit("HEAD")
        except _NoSuchObject as fault:
            what = f"the git repository at {self._root} has no commit yet"
            raise SourceUnusable(what, 'git add --all && git commit -m "first"') from fault

    def _commit(self, name: str) -> str:
        found = self._git("rev-parse", "--verify", "--end-of-options", f"{name}^{{commit}}")
        return found.strip()

    def _tree(self, commit: str, folder: PurePosixPath) -> str:
        """Object id of the folder's tree at the commit."""
        try:
            tree = self._git("rev-parse", "--verify", "--end-of-options", f"{commit}:./{_name(folder)}").strip()
            entries = self._git("ls-tree", "-r", "-z", "--full-tree", tree)
        except _NoSuchObject as fault:
            raise self._untracked(commit, folder) from fault
        submodules = [entry.partition("\t")[2] for entry in _records(entries) if entry.startswith(SUBMODULE)]
        if submodules:
            what = f"{folder} holds git submodules, whose files git does not track here: {', '.join(submodules)}"
            raise SourceUnusable(what, "commit the files themselves, or depend on them as a package")
        return tree

    def _untracked(self, commit: str, folder: PurePosixPath) -> SourceUnusable:
        if (self._root / folder).is_dir():
            what = f"{folder} is not in commit {commit[:12]}: git does not track it as a folder there"
            return SourceUnusable(what, f"git add '{folder}' && git commit")
        return SourceUnusable(
            f"there is no folder {folder} in {self._root}", "create it, or correct `source` in the manifest"
        )

    def uncommitted(self, paths: Sequence[str]) -> tuple[str, ...]:
        """Files at or below the paths that differ from HEAD or are not tracked, sorted. Raises SourceUnusable.

        Paths are, and files are named, relative to the root; ignored files are left out.
        """
        prefix = self._git("rev-parse", "--show-prefix").removesuffix("\n")
        question = ("status", "--porcelain", "--untracked-files=all", "--no-renames", "-z", "--", *paths)
        # `XY path`, the path always from git's top level.
        return tuple(sorted(record[3:].removeprefix(prefix) for record in _records(self._git(*question))))

    def _git(self, *arguments: str) -> str:
        """What git answers."""
        done = self._run(*arguments)
        if done.returncode != 0:
            raise _failure(done.stderr, self._root)
        return done.stdout

    def _run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        try:
            return subprocess.run(
                ("git", *arguments),
                cwd=self._root,
                env=inherit(ENVIRONMENT),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
                encoding="utf-8",
                errors="replace",
                timeout=self._patience,
                start_new_session=True,  # an interrupt is for us to handle; it must not look like a fault of git
            )
        except subprocess.TimeoutExpired as fault:
            raise SourceUnusable(
                f"git did not answer within {self._patience:g} s in {self._root}", "try again"
            ) from fault
        except OSError as fault:
            raise self._not_started(fault) from fault

    def _not_started(self, fault: OSError) -> SourceUnusable:
        if not self._root.is_dir():
            return SourceUnusable(f"there is no folder {self._root}", "run it inside the git repository")
        return SourceUnusable(f"git {not_started(fault)}", "install git")


class _NoSuchObject(SourceUnusable):
    """Git does not know the commit, or the path in it."""


def _inside(path: str) -> PurePosixPath:
    folder = PurePosixPath(path)
    if folder.is_absolute() or ".." in folder.parts or "\0" in path:
        raise SourceUnusable(f"{path!r} leads out of the project root", "name a folder inside it, with forward slashes")
    return folder


def _name(folder: PurePosixPath) -> str:
    """The folder as it stands behind `<commit>:./`, where the root itself has no name."""
    return "" if folder == PurePosixPath() else str(folder)


def _records(answer: str) -> list[str]:
    return [record for record in answer.split("\0") if record]


def _failure(stderr: str, root: Path) -> SourceUnusable:
    """The error for what git complained about, in git's own words where we have none better."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()] or ["git gives no reason"]
    reason = lines[0].removeprefix("fatal: ").removeprefix("error: ")
    if any(sign in reason for sign in _MISSING):
        return _NoSuchObject(f"{reason} (in {root})", "fetch the whole history: git fetch --unshallow")
    if "not a git repository" in reason:
        return SourceUnusable(f"{root} is not inside a git repository", "git init && git add --all && git commit")
    trust = next((line for line in lines if line.startswith("git config ")), "")
    return SourceUnusable(f"git in {root}: {reason}", trust)


def _unpack(archive: Path, target: Path, path: str) -> None:
    # Only an export needs it: checking a manifest should not wait for it.
    import tarfile

    try:
        with tarfile.open(archive) as tar:
            tar.extractall(target, filter="data")
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
