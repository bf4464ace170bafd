"""The processes that belong to one sandbox: found by the mark in their environment, whoever their parent is."""

from __future__ import annotations

import hashlib
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.sandbox.child_environ import MARK, NAME, ROLE

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    import psutil

GRACE = 5.0
"""Seconds between asking a process to end and killing it."""


@dataclass(frozen=True, slots=True)
class Running:
    """Something that runs in the sandbox: a process and all that it started."""

    role: str
    """`supervisor`, `mlflow`, `job`, `model server` or `environment`."""
    name: str
    pid: int | None
    memory: int
    """Resident bytes of the process and its descendants."""
    state: str = "running"


def mark_of(home: Path) -> str:
    """The sandbox's id: the same for a home for ever, so that orphans are known even when its files are gone."""
    return hashlib.sha256(str(home.resolve()).encode()).hexdigest()[:16]


def is_marked(pid: int, mark: str) -> bool:
    """Whether the process `pid` lives and belongs to the sandbox `mark`."""
    import psutil

    try:
        return _environ(psutil.Process(pid)).get(MARK) == mark
    except psutil.NoSuchProcess:
        return False


def marked(mark: str) -> tuple[psutil.Process, ...]:
    """Every living process of the sandbox `mark`."""
    import psutil

    return tuple(process for process in psutil.process_iter() if _environ(process).get(MARK) == mark)


def reap(mark: str, spare: Collection[int] = (), grace: float = GRACE) -> int:
    """End every process of the sandbox `mark` but those in `spare`; returns how many there were."""
    import psutil

    found = [process for process in marked(mark) if process.pid not in spare]
    _signal(found, signal.SIGTERM)
    _, stubborn = psutil.wait_procs(found, timeout=grace)
    _signal(stubborn, signal.SIGKILL)
    psutil.wait_procs(stubborn, timeout=grace)
    return len(found)


def running(mark: str) -> tuple[Running, ...]:
    """What runs in the sandbox `mark`, in the order in which it was started."""
    environs = {process: _environ(process) for process in marked(mark)}
    roles = {process.pid: environ.get(ROLE, "") for process, environ in environs.items()}
    heads = [process for process in environs if roles.get(_parent(process)) != roles[process.pid]]
    return tuple(_describe(head, environs[head], roles) for head in sorted(heads, key=_started))


def working_folders(mark: str) -> tuple[Path, ...]:
    """The folders that processes of the sandbox `mark` work in."""
    import psutil

    folders = []
    for process in marked(mark):
        try:
            folders.append(Path(process.cwd()))
        except psutil.Error:
            continue
    return tuple(folders)


def _describe(head: psutil.Process, environ: Mapping[str, str], roles: Mapping[int, str]) -> Running:
    role = roles[head.pid]
    family = [head, *(child for child in _children(head) if roles.get(child.pid) == role)]
    return Running(role, environ.get(NAME, ""), head.pid, sum(map(_memory, family)))


def _environ(process: psutil.Process) -> Mapping[str, str]:
    """Its environment; empty when it is gone, a zombie, or somebody else's."""
    import psutil

    try:
        return process.environ()
    except (psutil.Error, OSError):
        return {}


def _parent(process: psutil.Process) -> int:
    import psutil

    try:
        return process.ppid()
    except psutil.Error:
        return 0


def _started(process: psutil.Process) -> float:
    import psutil

    try:
        return process.create_time()
    except psutil.Error:
        return 0.0


def _children(process: psutil.Process) -> list[psutil.Process]:
    import psutil

    try:
        return process.children(recursive=True)
    except psutil.Error:
        return []


def _memory(process: psutil.Process) -> int:
    import psutil

    try:
        return process.memory_info().rss
    except psutil.Error:
        return 0


def _signal(processes: Collection[psutil.Process], number: signal.Signals) -> None:
    import psutil

    for process in processes:
        try:
            process.send_signal(number)
        except psutil.NoSuchProcess:
            continue
