"""`reconcile watch --interval`: the small agent that follows a branch and reconciles for ever."""

import random
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event

import click
from rich.console import Console

from reconciler.adapters.checkout import GitCheckout
from reconciler.commands.loop import Occasion, reconcile_with
from reconciler.commands.planfile import PlanFile
from reconciler.commands.rounds import rounds
from reconciler.core.pace import pause
from reconciler.core.visible import visible
from reconciler.errors import Interrupted, ReconcilerError, SourceUnusable
from reconciler.manifest import load, project_root
from reconciler.reconcile import Options, Proposal
from reconciler.render.text import show_proposal
from reconciler.render.words import summary
from reconciler.settings import Settings

Stopped = Callable[[float], bool]
"""Waits so many seconds; True as soon as somebody asks to stop."""


def agent_command(path: Path, interval: int, options: Options, remote: str, branch: str) -> int:
    """Pull the branch and reconcile, every `interval` seconds, until somebody asks to stop. Returns the exit code.

    0 when the last round came to its end, 130 when it was interrupted. Raises ManifestInvalid when the manifest is not
    valid to begin with; one that is merged later is told and waited out like any other error.
    """
    load(path, Settings.read().variables)
    checkout = GitCheckout(project_root(path).absolute())
    chosen = {"dry_run": False, "output": "text", "detailed_exitcode": False}
    wakes: SimpleQueue[None] = SimpleQueue()
    with rounds(lambda: wakes.put(None)) as begin:
        news = News()

        def turn() -> int:
            cancel = begin()
            news.commit = follow(checkout, remote, branch, cancel)
            return reconcile_with(path, options, chosen, PlanFile(None), Occasion(cancel, news.show, "watch"))

        return keep_on(turn, interval, lambda seconds: _woken(wakes, seconds))


def keep_on(turn: Callable[[], int], interval: float, stopped: Stopped) -> int:
    """Take turns until somebody asks to stop; the pause grows while they fail. Returns the exit code."""
    failures = 0
    while True:
        try:
            code, failures = turn(), 0
        except Interrupted:
            return Interrupted.exit_code
        except ReconcilerError as error:
            code, failures = error.exit_code, failures + 1
            _tell(error)
        if code == Interrupted.exit_code:
            return code
        if stopped(pause(interval, failures, random.random())):  # noqa: S311 - it only spreads requests
            return 0


def _woken(wakes: "SimpleQueue[None]", seconds: float) -> bool:
    # Unlike an event, a queue may be touched by the signal's handler while this very thread waits for it.
    try:
        wakes.get(timeout=seconds)
    except Empty:
        return False
    return True


def _tell(error: ReconcilerError) -> None:
    remedy = f"; {error.remedy}" if error.remedy else ""
    click.echo(visible(f"{_now()} failed, and is tried again: {error.what}{remedy}"), err=True)


def follow(checkout: GitCheckout, remote: str, branch: str, cancel: Event) -> str:
    """Bring the checkout to where the branch is; returns that commit.

    What is applied is what the branch says, and nothing else. Raises SourceUnusable when the checkout holds changes or
    commits of its own, for they are somebody's work; TimedOut, Interrupted.
    """
    current = checkout.branch()
    followed = branch or current
    if not followed:
        raise SourceUnusable("no branch is checked out", "say which one to follow: --branch main")
    if current not in ("", followed):
        raise SourceUnusable(f"{current} is checked out, not {followed}", f"git switch {followed}")
    if changed := checkout.changed():
        what = f"the checkout has changes that are not committed, so nothing is applied: {', '.join(changed[:3])}"
        raise SourceUnusable(what, "commit them or take them back; an agent needs a checkout of its own")
    commit = checkout.fetch(remote, followed, cancel)
    distance = checkout.distance(commit)
    if distance.ahead:
        what = f"the checkout has {distance.ahead} commit(s) that {remote}/{followed} has not, so nothing is applied"
        raise SourceUnusable(what, f"push them, or give them up: git reset --hard {remote}/{followed}")
    if distance.behind:
        checkout.fast_forward(commit)
    return commit


class News:
    """Prints a plan in full when it is another one than that of the round before, and else in one line."""

    def __init__(self) -> None:
        self.commit = ""
        self._told = ""

    def show(self, proposal: Proposal, console: Console) -> None:
        """Print one plan."""
        console.print(f"{_now()} {self.commit[:12]} {summary(proposal.plan)}", soft_wrap=True)
        with console.capture() as capture:
            show_proposal(proposal, console)
        if capture.get() != self._told:
            self._told = capture.get()
            show_proposal(proposal, console)


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
