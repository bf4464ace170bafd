"""What the sandbox's AWS needs of the machine it runs on, to turn images into processes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

Say = Callable[[str], None]
"""Takes one line, without its line end."""


@dataclass(frozen=True, slots=True)
class Command:
    """A process to start."""

    argv: tuple[str, ...]
    cwd: Path
    env: Mapping[str, str]
    """The whole environment: nothing is inherited."""


class Runtime(Protocol):
    """Turns an image into commands that run on this machine."""

    @property
    def images(self) -> Path:
        """Folder of content-addressed image copies: `images/<sha256 hex>/…`."""
        ...

    def job(self, image: Path, argv: Sequence[str], env: Mapping[str, str], say: Say) -> Command:
        """Command that runs `argv` in a copy of a training image. May take minutes.

        Raises RuntimeError with a one-line reason.
        """
        ...

    def model_server(self, image: Path, port: int, env: Mapping[str, str], say: Say) -> Command:
        """Command that serves the model in `image` on 127.0.0.1:`port` as SageMaker's containers do. May take minutes.

        Raises RuntimeError with a one-line reason.
        """
        ...
