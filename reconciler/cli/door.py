"""The last door: what leaves this process on standard output or standard error holds no secret that it knows, and no
character that the other side cannot show.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import Any, cast

Redact = Callable[[str], str]
_PLAINER = str.maketrans({
    "\u2026": "...", "\u2013": "-", "\u2014": "-", "\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"',
    "\u2192": "->", "\u2190": "<-", "\u00b1": "+-", "\u2022": "*", "\u00a0": " ", "\u200b": "",
})  # fmt: skip
"""What characters are written as where there are no others than ASCII."""


class Door:
    """A stream that redacts what is written to it; for everything else, the stream behind it."""

    def __init__(self, stream: Any, redact: Redact, *, ascii_only: bool = False) -> None:
        """`ascii_only`: whether a terminal behind it shows nothing else."""
        self._stream = stream
        self._redact = redact
        self._charset = "ascii" if ascii_only and stream.isatty() else getattr(stream, "encoding", None) or "utf-8"

    def write(self, text: str | bytes) -> int:
        """Write text, or bytes where the stream takes them."""
        if isinstance(text, str):
            self._stream.write(self._shown(self._redact(text)))
        else:
            self._stream.write(self._redact(text.decode(errors="surrogateescape")).encode(errors="surrogateescape"))
        return len(text)

    def _shown(self, text: str) -> str:
        try:
            text.encode(self._charset)
        except UnicodeEncodeError:
            return text.translate(_PLAINER).encode(self._charset, errors="replace").decode(self._charset)
        return text

    @property
    def buffer(self) -> "Door":
        """The same door for bytes."""
        return Door(self._stream.buffer, self._redact)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def tell_secrets(text: str) -> None:
    """Write to standard output past its door, for a command that is there to tell secrets."""
    out: Any = sys.stdout
    (out._stream if isinstance(out, Door) else out).write(text)


@contextmanager
def guarded(redact: Redact, *, ascii_only: bool = False) -> Iterator[None]:
    """Both streams behind their doors."""
    out, err = (cast("Any", Door(stream, redact, ascii_only=ascii_only)) for stream in (sys.stdout, sys.stderr))
    with redirect_stdout(out), redirect_stderr(err):
        yield
