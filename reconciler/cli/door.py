"""The last door: nothing leaves this process on standard output or standard error with a secret that it knows."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import Any, cast

Redact = Callable[[str], str]


class Door:
    """A stream that redacts what is written to it; for everything else, the stream behind it."""

    def __init__(self, stream: Any, redact: Redact) -> None:
        self._stream = stream
        self._redact = redact

    def write(self, text: str | bytes) -> int:
        """Write text, or bytes where the stream takes them."""
        if isinstance(text, str):
            self._stream.write(self._redact(text))
        else:
            self._stream.write(self._redact(text.decode(errors="surrogateescape")).encode(errors="surrogateescape"))
        return len(text)

    @property
    def buffer(self) -> "Door":
        """The same door for bytes."""
        return Door(self._stream.buffer, self._redact)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def guarded(redact: Redact) -> Iterator[None]:
    """Both streams behind their doors."""
    out, err = (cast("Any", Door(stream, redact)) for stream in (sys.stdout, sys.stderr))
    with redirect_stdout(out), redirect_stderr(err):
        yield
