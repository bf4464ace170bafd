"""The heartbeat of a lease that we hold."""

import threading
from collections.abc import Callable
from time import monotonic

from reconciler.core.lease import BEAT, PERIOD, Lease, beat, give_back
from reconciler.errors import ReconcilerError
from reconciler.ports import World
from reconciler.tenure.insist import insist

RETRY = 3.0
"""Seconds from a heartbeat that failed to the next one."""
LATEST = 15.0
"""Seconds that one more heartbeat may take, its pause included: none is begun that might come too late."""


class Heart:
    """Renews the lease every 12 s, and calls everything to a halt once it is lost."""

    def __init__(self, world: World, lease: Lease, version: str, clock: Callable[[], float] = monotonic) -> None:
        self._world = world
        self._lease = lease
        self._version = version
        self._clock = clock
        self._renewed = clock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._live, name="lease", daemon=True)
        self.lost = ""
        """Why we do not hold the lease any more; empty while we do."""

    def start(self) -> None:
        """Begin to beat."""
        self._thread.start()

    def stop(self) -> None:
        """Beat no more, and give the lease back if we still hold it. Raises ReconcilerError."""
        self._stop.set()
        self._thread.join()
        try:
            insist(self._give_back)
        except ReconcilerError:
            if self._is_needed():
                raise

    def beat(self) -> float:
        """Renew the lease once; returns the seconds until it is to be done again. Raises nothing."""
        began = self._clock()
        lease = beat(self._lease, self._world.clock.now())
        try:
            if version := self._world.leases.write(lease, self._version, brief=True):
                self._lease, self._version, self._renewed = lease, version, began
                return BEAT
            self._look()
        except ReconcilerError as error:  # nobody else would see it: this is a thread of its own
            self._despair(error)
        return RETRY

    def _give_back(self) -> None:
        while not self.lost and not self._world.leases.write(give_back(self._lease), self._version, brief=True):
            if not self._look():
                return

    def _live(self) -> None:
        pause = BEAT
        while not self.lost and not self._stop.wait(pause):
            pause = self.beat()

    def _look(self) -> bool:
        """Somebody wrote: we, when an answer was lost; or one who has the lease now. False after a teardown."""
        seen = self._world.leases.read(brief=True)
        if seen is None:
            return False
        holder = seen.lease.holder
        if seen.lease.id != self._lease.id:
            self._lose(f"{holder.user} on {holder.host} has taken it over")
        elif seen.lease.released:
            self._lose("somebody released it: reconcile unlock")
        else:
            self._version = seen.version
        return True

    def _despair(self, error: Exception) -> None:
        if self._clock() + LATEST - self._renewed > PERIOD and self._is_needed():
            self._lose(f"it could not be renewed: {error}")

    def _is_needed(self) -> bool:
        """Whether there still is a bucket to guard: the last step of a teardown deletes it."""
        try:
            return self._world.state.exists()
        except ReconcilerError:
            return True

    def _lose(self, why: str) -> None:
        self.lost = why
        self._world.cancel.set()
