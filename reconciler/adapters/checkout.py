"""The checkout that the program runs in: which files of it git sees, and a branch that it follows."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from reconciler.adapters.git import ENVIRONMENT, GitSources
from reconciler.adapters.git.command import records
from reconciler.adapters.process import Command, run
from reconciler.errors import SourceUnusable
from reconciler.ports import Cancel

FETCH_SECONDS = 120.0
"""For one fetch: what it brings is text."""


@dataclass(frozen=True, slots=True)
class Distance:
    """How far apart two commits are: commits that only the one has, and that only the other has."""

    ahead: int
    behind: int


class GitCheckout(GitSources):
    """The working tree around `root`."""

    def seen(self, paths: Collection[str]) -> tuple[str, ...]:
        """Those of the paths, relative to the root, that git tracks or would take, sorted. Raises SourceUnusable."""
        question = ("ls-files", "--cached", "--others", "--exclude-standard", "-z", "--", *sorted(paths))
        return tuple(sorted(set(records(self._git.ask(*question))))) if paths else ()

    def head_log(self) -> Path:
        """The file that git writes to whenever HEAD moves. Raises SourceUnusable."""
        return Path(self._git.ask("rev-parse", "--absolute-git-dir").removesuffix("\n")) / "logs" / "HEAD"

    def branch(self) -> str:
        """The branch that is checked out; empty when none is. Raises SourceUnusable."""
        return self._git.ask("branch", "--show-current").strip()

    def changed(self) -> tuple[str, ...]:
        """Tracked files that differ from HEAD, from git's top level, sorted. Raises SourceUnusable."""
        status = self._git.ask("status", "--porcelain", "--untracked-files=no", "--no-renames", "-z")
        return tuple(sorted(record[3:] for record in records(status)))

    def fetch(self, remote: str, branch: str, cancel: Cancel) -> str:
        """Get a branch of a remote; returns its commit, 40 hex digits. Raises SourceUnusable, TimedOut, Interrupted."""
        words = (
            "git",
            "fetch",
            "--quiet",
            "--no-tags",
            "--no-recurse-submodules",
            "--",
            remote,
            f"refs/heads/{branch}",
        )
        finished = run(Command(words, ENVIRONMENT, self._root), timeout=FETCH_SECONDS, cancel=cancel)
        if not finished.ok:
            reason = next((line for line in finished.tail if line.startswith("fatal: ")), finished.last)
            what = f"{remote}/{branch} cannot be fetched: {reason.removeprefix('fatal: ')}"
            raise SourceUnusable(what, f"look at the remote: git remote get-url {remote}; and whether git can reach it")
        return self._commit("FETCH_HEAD")

    def distance(self, commit: str) -> Distance:
        """How far HEAD is from a commit. Raises SourceUnusable."""
        ahead, behind = self._git.ask("rev-list", "--left-right", "--count", f"HEAD...{commit}", "--").split()
        return Distance(int(ahead), int(behind))

    def fast_forward(self, commit: str) -> None:
        """Move HEAD, and the branch that is checked out, to a descendant. Raises SourceUnusable."""
        self._git.ask("merge", "--ff-only", "--quiet", commit)
