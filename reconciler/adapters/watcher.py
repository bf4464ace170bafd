"""Files as they are saved: the operating system's own notices, by watchdog."""

import errno
from collections.abc import Callable, Collection
from pathlib import Path
from types import TracebackType
from typing import Self

from watchdog.events import (
    EVENT_TYPE_CLOSED,
    EVENT_TYPE_CREATED,
    EVENT_TYPE_DELETED,
    EVENT_TYPE_MODIFIED,
    EVENT_TYPE_MOVED,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.api import ObservedWatch

from reconciler.errors import SettingsMissing

CHANGES = frozenset({EVENT_TYPE_CLOSED, EVENT_TYPE_CREATED, EVENT_TYPE_DELETED, EVENT_TYPE_MODIFIED, EVENT_TYPE_MOVED})
"""Opening a file and closing it unwritten are told as well: our own reading would be a change for ever."""


class Watcher:
    """Tells `saved` of every file below the followed folders that is written, made, moved or deleted.

    `saved` is called in a thread of the watcher's own. A file that is renamed counts under both names, for most
    editors save by renaming.
    """

    def __init__(self, saved: Callable[[Path], None]) -> None:
        self._handler = _Handler(saved)
        self._observer = Observer()
        self._watches: dict[tuple[Path, bool], ObservedWatch] = {}

    def __enter__(self) -> Self:
        self._observer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._observer.stop()
        self._observer.join()

    def follow(self, alone: Collection[Path], deep: Collection[Path]) -> bool:
        """Watch these folders and no others, those in `deep` with all that is below them; what is no folder is left.

        True when one of them was not watched before. Raises SettingsMissing when the operating system allows no more.
        """
        wanted = {(folder, False) for folder in alone} | {(folder, True) for folder in deep}
        wanted = {(folder, recursive) for folder, recursive in wanted if folder.is_dir()}
        for gone in self._watches.keys() - wanted:
            self._observer.unschedule(self._watches.pop(gone))
        new = sorted(wanted - self._watches.keys())
        for folder, recursive in new:
            self._watches[folder, recursive] = self._begin(folder, recursive=recursive)
        return bool(new)

    def _begin(self, folder: Path, *, recursive: bool) -> ObservedWatch:
        try:
            return self._observer.schedule(self._handler, str(folder), recursive=recursive)
        except OSError as fault:
            raise _not_watched(folder, fault) from fault


class _Handler(FileSystemEventHandler):
    def __init__(self, saved: Callable[[Path], None]) -> None:
        self._saved = saved

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.event_type not in CHANGES or (event.is_directory and event.event_type == EVENT_TYPE_MODIFIED):
            return
        for path in (event.src_path, event.dest_path):
            if path:
                self._saved(Path(str(path)))


def _not_watched(folder: Path, fault: OSError) -> SettingsMissing:
    # inotify says "no space left on device" when there are more folders than one user may watch.
    if fault.errno in (errno.ENOSPC, errno.EMFILE):
        remedy = "raise the limit: sysctl fs.inotify.max_user_watches, fs.inotify.max_user_instances"
        return SettingsMissing(f"no more folders can be watched, {folder} is one too many", remedy)
    return SettingsMissing(f"{folder} cannot be watched: {fault.strerror}", "")
