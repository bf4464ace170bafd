"""Running git, and its words for what went wrong."""

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from reconciler.adapters.process import inherit, not_started
from reconciler.errors import SourceUnusable

PATIENCE = 300.0
"""Seconds for one git command: most take some milliseconds, an export of much data or a slow disk some more."""

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
_MISSING = ("Needed a single revision", "unknown revision", "bad revision", "not a tree object", "does not exist in")
"""How git says that there is no such commit, or no such path in it."""


class NoSuchObject(SourceUnusable):
    """Git does not know the commit, or the path in it."""


@dataclass(frozen=True, slots=True)
class Git:
    """Git, at work in one folder."""

    folder: Path
    patience: float = PATIENCE
    """Seconds that one command may take."""
    options: Sequence[str] = ()
    variables: Mapping[str, str | None] = field(default_factory=dict)
    """What every command has beside `ENVIRONMENT`."""

    def ask(self, *arguments: str, given: str | None = None) -> str:
        """What git answers. Raises SourceUnusable, and NoSuchObject of that."""
        done = self.run(*arguments, given=given)
        if done.returncode != 0:
            raise failure(done.stderr, self.folder)
        return done.stdout

    def run(self, *arguments: str, given: str | None = None) -> "subprocess.CompletedProcess[str]":
        """One command, however it ends. Raises SourceUnusable when it does not begin or does not end."""
        done = self.bytes_of(*arguments, given=(given or "").encode())
        return subprocess.CompletedProcess(
            done.args, done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
        )

    def bytes_of(self, *arguments: str, given: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
        """As `run`, for answers that are no text."""
        try:
            return subprocess.run(
                ("git", *self.options, *arguments),
                cwd=self.folder,
                env=inherit({**ENVIRONMENT, **self.variables}),
                input=given,
                capture_output=True,
                check=False,
                timeout=self.patience,
                start_new_session=True,  # an interrupt is for us to handle; it must not look like a fault of git
            )
        except subprocess.TimeoutExpired as fault:
            raise SourceUnusable(
                f"git did not answer within {self.patience:g} s in {self.folder}", "try again"
            ) from fault
        except OSError as fault:
            raise self._not_started(fault) from fault

    def _not_started(self, fault: OSError) -> SourceUnusable:
        if not self.folder.is_dir():
            return SourceUnusable(f"there is no folder {self.folder}", "run it inside the git repository")
        return SourceUnusable(f"git {not_started(fault)}", "install git")


def records(answer: str) -> list[str]:
    """What stands between the zeros of an answer."""
    return [record for record in answer.split("\0") if record]


def failure(stderr: str, folder: Path) -> SourceUnusable:
    """The error for what git complained about, in git's own words where we have none better."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()] or ["git gives no reason"]
    reason = lines[0].removeprefix("fatal: ").removeprefix("error: ")
    if any(sign in reason for sign in _MISSING):
        return NoSuchObject(f"{reason} (in {folder})", "fetch the whole history: git fetch --unshallow")
    if "not a git repository" in reason:
        return SourceUnusable(f"{folder} is not inside a git repository", "git init && git add --all && git commit")
    if any("git-lfs" in line and "not found" in line for line in lines):
        return SourceUnusable(f"git in {folder}: {reason}", "install git-lfs, which git is configured to use")
    trust = next((line for line in lines if line.startswith("git config ")), "")
    return SourceUnusable(f"git in {folder}: {reason}", trust)
