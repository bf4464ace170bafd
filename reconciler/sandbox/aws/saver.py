"""Saves the state a moment after it changed."""

import logging
import threading
from pathlib import Path

from reconciler.sandbox.aws import state
from reconciler.sandbox.aws.cloud import Cloud
from reconciler.sandbox.seal import Seal

log = logging.getLogger(__name__)

DELAY = 0.8  # seconds; what happens meanwhile goes into the same file


class Saver:
    """Writes the state while the server runs, and once more when it stops."""

    def __init__(self, cloud: Cloud, path: Path, seal: Seal) -> None:
        self._cloud = cloud
        self._path = path
        self._seal = seal
        self._thread = threading.Thread(target=self._run, name="saver", daemon=True)

    def start(self) -> None:
        """Begin to save in the background."""
        self._thread.start()

    def stop(self) -> None:
        """Save for the last time. `cloud.stopping` is set and nothing changes the state any more."""
        self._cloud.changed.set()
        self._thread.join()
        self._save()

    def _run(self) -> None:
        while not self._cloud.stopping.is_set():
            self._cloud.changed.wait()
            self._cloud.stopping.wait(DELAY)
            self._cloud.changed.clear()
            self._save()

    def _save(self) -> None:
        try:
            with self._cloud.lock:
                content = state.dump()
            state.write(self._path, content, self._seal)
        except OSError as problem:
            log.warning("The sandbox's state could not be saved to %s: %s", self._path, problem)
