"""What the builders of images say, kept beside the other local files of the program."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from reconciler.adapters.images import ecr
from reconciler.core.logs import BuildLog
from reconciler.core.observed import ModelVersion, StoredImage
from reconciler.errors import ReadFailed, ReconcilerError
from reconciler.ports import Check, Images, Say

KEPT = 5
"""Builds of one repository whose logs stay."""
WELL = "the image was built and pushed"
UNENDED = "the build has not ended: it goes on, or whoever ran it was stopped"
_WRITING = threading.Lock()


class RememberedImages:
    """Images whose builders' words are also written into files below `folder`, without secrets.

    A log that cannot be written keeps nobody from building.
    """

    def __init__(self, images: Images, folder: Path, redact: Callable[[str], str]) -> None:
        self._images = images
        self._folder = folder
        self._redact = redact

    def tags(self, repository: str) -> frozenset[str]:
        """Tags in a repository; empty when there is no such repository. Raises ReadFailed."""
        return self._images.tags(repository)

    def stored(self, repository: str) -> Mapping[str, StoredImage]:
        """The image behind each tag of a repository; empty without such a repository. Raises ReadFailed."""
        return self._images.stored(repository)

    def build_training(self, source: Path, image: str, say: Say) -> None:
        """Build and push the image of an exported MLflow project. Raises ReconcilerError."""
        with self._remembered(image, say) as both:
            self._images.build_training(source, image, both)

    def build_model(self, model: str, version: ModelVersion, image: str, check: Check, say: Say) -> None:
        """Build and push the serving image of a registered version. Raises ReconcilerError."""
        with self._remembered(image, say) as both:
            self._images.build_model(model, version, image, check, both)

    def build_server(self, image: str, say: Say) -> None:
        """Build and push the MLflow server's image. Raises ReconcilerError."""
        with self._remembered(image, say) as both:
            self._images.build_server(image, both)

    @contextmanager
    def _remembered(self, image: str, say: Say) -> Iterator[Say]:
        address = ecr.parse(image)
        try:
            file = _opened(self._folder / address.repository, address.tag)
        except OSError as fault:
            say(f"this build's log is not kept: {fault.strerror} ({self._folder})")
            yield say
            return

        def both(line: str) -> None:
            self._write(file, line)
            say(line)

        with file:
            try:
                yield both
            except ReconcilerError as error:
                self._write(file, f"the build failed: {error.what}")
                raise
            self._write(file, WELL)

    def _write(self, file: TextIO, line: str) -> None:
        try:
            file.write(f"{self._redact(line)}\n")
            file.flush()
        except OSError:
            return  # a full disk ends the build itself soon enough, with a reason


class LocalBuilds:
    """Reads what `RememberedImages` wrote below `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def newest(self, repositories: Sequence[str]) -> BuildLog | None:
        """The newest build of an image of these repositories; None when none is kept here. Raises ReadFailed."""
        found = [(path.name, repository, path) for repository in repositories for path in self._logs(repository)]
        if not found:
            return None
        name, repository, path = max(found)
        began, _, tag = name.removesuffix(".log").partition("_")
        try:
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError as fault:
            raise ReadFailed(f"could not read the build's log {path}: {fault.strerror}") from fault
        ended = bool(lines) and (lines[-1] == WELL or lines[-1].startswith("the build failed: "))
        when = datetime.strptime(began, STAMP).replace(tzinfo=UTC).isoformat(timespec="seconds")
        return BuildLog(f"{repository}:{tag}", when, (*lines, *(() if ended else (UNENDED,))))

    def _logs(self, repository: str) -> list[Path]:
        return _kept(self._folder / repository)


STAMP = "%Y%m%dT%H%M%S.%fZ"


def _opened(folder: Path, tag: str) -> TextIO:
    """A new log in the folder; the oldest of those that are there make room. Raises OSError."""
    with _WRITING:
        folder.mkdir(parents=True, exist_ok=True)
        for old in _kept(folder)[: 1 - KEPT]:
            old.unlink(missing_ok=True)
        return (folder / f"{datetime.now(UTC).strftime(STAMP)}_{tag}.log").open("x", encoding="utf-8")


def _kept(folder: Path) -> list[Path]:
    """The logs of a repository's builds, oldest first; what is called otherwise is none of ours."""
    return sorted(path for path in folder.glob("*_*.log") if _is_stamp(path.name.partition("_")[0]))


def _is_stamp(text: str) -> bool:
    try:
        datetime.strptime(text, STAMP).replace(tzinfo=UTC)
    except ValueError:
        return False
    return True
