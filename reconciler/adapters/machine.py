"""This machine: which processes live here, and who runs this one."""

import hashlib
import os
import pwd
import secrets
import socket
import subprocess
from contextlib import suppress
from functools import cache
from pathlib import Path

from reconciler.core.lease import Holder

PROCESSES = Path("/proc")
PATIENCE = 10.0
"""Seconds for one look at the process table where there is no /proc."""


@cache
def place() -> str:
    """16 hex digits that tell one set of process ids from another: host, boot, and pid namespace where there is one."""
    parts = [socket.gethostname(), *(known for known in (_boot(), _namespace()) if known)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def born(pid: int) -> str:
    """When a process of this machine began, as the operating system writes it; empty when there is none that lives."""
    if not (PROCESSES / "self" / "stat").exists():
        state, _, began = _asked("ps", "-o", "stat=,lstart=", "-p", str(pid)).partition(" ")
        return "" if state.startswith("Z") else began.strip()
    try:
        stat = (PROCESSES / str(pid) / "stat").read_text(errors="replace")
    except OSError:
        return ""
    # proc(5): the name stands in brackets and may hold anything; state is the first field after it, start the 20th.
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] in "ZX" else fields[19]


def _boot() -> str:
    with suppress(OSError):
        return (PROCESSES / "sys" / "kernel" / "random" / "boot_id").read_text().strip()
    return _asked("sysctl", "-n", "kern.boottime")


def _namespace() -> str:
    with suppress(OSError):
        return str((PROCESSES / "self" / "ns" / "pid").readlink())
    return ""


def _asked(*command: str) -> str:
    """What a program answers; empty when there is none, or it fails."""
    with suppress(OSError, subprocess.SubprocessError):
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=True)
        return done.stdout.strip()
    return ""


class LocalMachine:
    """This process, run by `user` for the reason `trigger`; `url` is that of the CI run."""

    def __init__(self, user: str, trigger: str, url: str) -> None:
        self._user = user
        self._trigger = trigger
        self._url = url

    def holder(self) -> Holder:
        """Who we are; the commit is left empty."""
        pid = os.getpid()
        user = self._user or _login()
        return Holder(user, socket.gethostname(), place(), pid, born(pid), self._trigger, self._url)

    def is_gone(self, holder: Holder) -> bool:
        """Whether it was a process of this machine that has ended. False for what cannot be known."""
        return holder.place == place() and born(holder.pid) != holder.born

    def token(self) -> str:
        """8 random hex digits."""
        return secrets.token_hex(4)


def _login() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a container's user need not have a name
        return f"uid {os.getuid()}"
