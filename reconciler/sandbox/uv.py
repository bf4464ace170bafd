"""Creates Python environments with uv."""

import platform
import re
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from packaging.utils import NormalizedName, canonicalize_name
from uv import find_uv_bin

from reconciler.sandbox.needs import EnvironmentFailed, Needs

Say = Callable[[str], None]

TIMEOUT = 1800.0
"""Seconds for one command of uv: a large environment over a slow line."""

_NAME = r"([A-Za-z0-9][A-Za-z0-9._-]*)"
_UNHEARD_OF = (
    re.compile(rf"{_NAME} was not found in the package registry"),
    re.compile(rf"there (?:is|are) no versions? of {_NAME}"),
    re.compile(rf"only {_NAME}(?:\[[^\]]*\])?[<>=!~]\S* (?:is|are) available"),
)
"""How uv says that the index has no such package, or no such version of it."""
_STACK = re.compile(r"\s*(?:Traceback \(most recent|File \"|\^+$)")
LONGEST_REASON = 900


class UnknownPackages(EnvironmentFailed):
    """The package index does not know some of the packages, or has none of the versions that are asked for."""

    def __init__(self, reason: str, names: frozenset[NormalizedName], output: str = "") -> None:
        super().__init__(reason, output)
        self.names = names


def create(target: Path, needs: Needs, source: Path, environ: Mapping[str, str], say: Say) -> None:
    """Create an environment with what `needs` lists in the folder `target`, which can be moved afterwards.

    Paths in requirements are relative to `source`. Raises EnvironmentFailed; UnknownPackages when the index lacks any.
    """
    _create_empty(target, needs, environ, say)
    requirements, constraints = target / "requirements.txt", target / "constraints.txt"
    requirements.write_text("\n".join((*needs.options, *needs.lines, *needs.build, "")))
    constraints.write_text("\n".join((*needs.constraints, "")))
    files = ("--requirements", str(requirements), "--constraints", str(constraints))
    _uv(("pip", "install", "--python", str(target / "bin" / "python"), *files), source, environ)


def _create_empty(target: Path, needs: Needs, environ: Mapping[str, str], say: Say) -> None:
    venv = ("venv", "--no-project", "--clear", "--relocatable", "--python")
    own = platform.python_version()
    if not needs.python.contains(own):
        try:
            return _uv((*venv, str(needs.python), str(target)), target.parent, environ)
        except EnvironmentFailed as error:
            say(f"Python {needs.python} cannot be had here ({error}); Python {own} is used instead")
    return _uv((*venv, sys.executable, str(target)), target.parent, environ)


def _uv(arguments: Sequence[str], cwd: Path, environ: Mapping[str, str]) -> None:
    more = {"UV_COMPILE_BYTECODE": "1", "UV_NO_PROGRESS": "1", "NO_COLOR": "1", "UV_HTTP_TIMEOUT": "60"}
    path = ":".join((environ.get("PATH", ""), *_pyenv_bins(environ)))
    try:
        done = subprocess.run(
            (find_uv_bin(), *arguments),
            cwd=cwd,
            env={**more, **environ, "PATH": path},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise EnvironmentFailed(f"uv {arguments[0]} took longer than {TIMEOUT:.0f} seconds") from error
    if done.returncode:
        raise _failure(done.stderr)


def _pyenv_bins(environ: Mapping[str, str]) -> list[str]:
    """Interpreters that pyenv installed and does not show on PATH unless they are selected."""
    root = Path(environ.get("PYENV_ROOT") or Path(environ.get("HOME", "/")) / ".pyenv")
    return sorted(str(path) for path in root.glob("versions/*/bin"))


def _failure(output: str) -> EnvironmentFailed:
    message = output[output.find("error:") :] if "error:" in output else output
    lines = [line for line in message.splitlines() if line.strip() and not _STACK.match(line)]
    reason = _shortened(" ".join(" ".join(lines).split())) or "uv gave no reason"
    said = " ".join(output.split())
    names = frozenset(canonicalize_name(name) for pattern in _UNHEARD_OF for name in pattern.findall(said))
    return UnknownPackages(reason, names, output) if names else EnvironmentFailed(reason, output)


def _shortened(reason: str) -> str:
    """uv's conclusion stands at the end, and what it was about at the beginning."""
    if len(reason) <= LONGEST_REASON:
        return reason
    half = LONGEST_REASON // 2
    return f"{reason[:half]} … {reason[-half:]}"
