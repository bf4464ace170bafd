"""Proof that a file was written by this user's sandbox: a key of the user's own, kept outside every work tree."""

import hashlib
import hmac
import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from reconciler.sandbox.errors import SandboxError
from reconciler.sandbox.private import why_not_private

SIZE = 32
FOLDER = "lean-mlops-control-centre"
ELSEWHERE = "set XDG_STATE_HOME to a folder that is yours"


@dataclass(frozen=True, slots=True)
class Seal:
    """Seals what is written, and knows its own seal again."""

    key: bytes = field(repr=False)

    def of(self, content: bytes) -> bytes:
        """The seal of a content, in hex."""
        return hmac.new(self.key, content, hashlib.sha256).hexdigest().encode()

    def fits(self, seal: bytes, content: bytes) -> bool:
        """Whether it is the seal of this content."""
        return hmac.compare_digest(seal, self.of(content))


def users_seal(environ: Mapping[str, str]) -> Seal:
    """The seal of the user who runs this, made the first time.

    Raises SandboxError when its key cannot be kept, or somebody else may read or write it.
    """
    path = _state_home(environ) / FOLDER / "sandbox.key"
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with suppress(FileExistsError):
            _make(path)
        if why := why_not_private(path.parent, ELSEWHERE) or why_not_private(path, ELSEWHERE):
            raise why
        key = path.read_bytes()
    except OSError as error:
        what = f"the key that seals what the sandbox keeps cannot be kept in {path}: {error.strerror}"
        raise SandboxError(what, ELSEWHERE) from error
    if len(key) != SIZE:
        raise SandboxError(f"{path} holds no key", f"have a new one made: rm {path}")
    return Seal(key)


def _state_home(environ: Mapping[str, str]) -> Path:
    """https://specifications.freedesktop.org/basedir-spec/latest/: a relative path is none."""
    named = environ.get("XDG_STATE_HOME", "")
    return Path(named) if named.startswith("/") else Path(environ.get("HOME") or Path.home()) / ".local" / "state"


def _make(path: Path) -> None:
    """Whole or not at all: two sandboxes may start at once. Raises FileExistsError when it is there."""
    if path.exists():
        return
    aside = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(secrets.token_bytes(SIZE))
    try:
        os.link(aside, path)
    finally:
        aside.unlink()
