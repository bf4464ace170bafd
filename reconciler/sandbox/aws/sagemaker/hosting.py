"""The life of endpoints: which fleet serves each one, and how one fleet takes the place of another."""

import threading
from collections.abc import Callable
from functools import partial

from reconciler.sandbox.aws.cloud import Cloud
from reconciler.sandbox.aws.sagemaker import fleet
from reconciler.sandbox.aws.sagemaker.alarms import firing
from reconciler.sandbox.aws.sagemaker.endpoint import LocalEndpoint
from reconciler.sandbox.aws.sagemaker.fleet import Fleet
from reconciler.sandbox.aws.sagemaker.trouble import Trouble
from reconciler.sandbox.aws.sagemaker.variants import Release

NO_FLEET = Fleet({})


class Hosting:
    """Each change of an endpoint runs in a thread of its own and ends in one of SageMaker's lasting states.

    When the sandbox is stopped in the middle of it, the endpoint is left as it is: the next start carries on.
    """

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._trouble = Trouble(cloud)
        self._fleets: dict[str, Fleet] = {}
        self._reviving: set[str] = set()
        self._threads: list[threading.Thread] = []

    def fleet(self, endpoint: LocalEndpoint) -> Fleet | None:
        """What answers for an endpoint at the moment, if anything does."""
        return self._fleets.get(endpoint.arn)

    def create(self, endpoint: LocalEndpoint) -> None:
        """Creating → InService | Failed."""
        self._in_background(partial(self._create, endpoint))

    def update(self, endpoint: LocalEndpoint, release: Release) -> None:
        """Updating → InService | RollingBack → InService on the configuration that served before.

        A fault may have it end in UpdateRollbackFailed.
        """
        self._in_background(partial(self._update, endpoint, release))

    def delete(self, endpoint: LocalEndpoint, forget: Callable[[], object]) -> None:
        """Deleting → gone."""
        self._in_background(partial(self._delete, endpoint, forget))

    def resume(self, endpoint: LocalEndpoint) -> None:
        """Serve again what the saved state says, then make the update that was cut short."""
        self._in_background(partial(self._resume, endpoint))

    def revive(self, endpoint: LocalEndpoint) -> None:
        """Start again what died while it served, as SageMaker does; the endpoint stays InService."""
        with self._cloud.lock:
            if endpoint.in_progress or endpoint.arn in self._reviving:
                return
            self._reviving.add(endpoint.arn)
        self._in_background(partial(self._revive, endpoint))

    def stop(self) -> None:
        """End every change and every model server. `cloud.stopping` is set."""
        timing = self._cloud.timing
        for thread in self._threads:
            thread.join(2 * timing.grace + timing.ping)
        for running in self._fleets.values():
            running.stop()
        self._fleets.clear()

    def _in_background(self, change: Callable[[], None]) -> None:
        thread = threading.Thread(target=change, name="hosting", daemon=True)
        with self._cloud.lock:
            self._threads = [*(one for one in self._threads if one.is_alive()), thread]
            thread.start()

    def _create(self, endpoint: LocalEndpoint) -> None:
        try:
            self._deploy(endpoint, endpoint.release)
        except RuntimeError as problem:
            self._settle(endpoint, "Failed", str(problem))

    def _update(self, endpoint: LocalEndpoint, release: Release) -> None:
        try:
            self._deploy(endpoint, release)
        except RuntimeError as problem:
            self._roll_back(endpoint, str(problem))

    def _roll_back(self, endpoint: LocalEndpoint, problem: str) -> None:
        self._settle(endpoint, "RollingBack", problem)
        self._cloud.stopping.wait(self._cloud.timing.rollback)
        before = "InService" if self.fleet(endpoint) else "OutOfService"
        failed = self._trouble.fails_to_roll_back(endpoint)
        self._trouble.after_the_rollback(endpoint)
        self._settle(endpoint, "UpdateRollbackFailed" if failed else before, problem)

    def _resume(self, endpoint: LocalEndpoint) -> None:
        pending = endpoint.pending
        try:
            fresh = self._start_fleet(endpoint, endpoint.release)
            self._take_over(endpoint, fresh, endpoint.release, "Updating" if pending else "InService")
        except RuntimeError as problem:
            self._settle(endpoint, "OutOfService", str(problem))
        else:
            if pending:
                self._update(endpoint, pending.release)

    def _revive(self, endpoint: LocalEndpoint) -> None:
        release = endpoint.release
        try:
            fresh = self._start_fleet(endpoint, release)
        except RuntimeError:
            return  # its log says why; the next question to the endpoint tries again
        finally:
            self._reviving.discard(endpoint.arn)
        with self._cloud.lock:
            wanted = endpoint.release is release and not endpoint.in_progress
            retired = self._fleets.get(endpoint.arn, NO_FLEET) if wanted else fresh
            if wanted:
                self._fleets[endpoint.arn] = fresh
        retired.stop()

    def _delete(self, endpoint: LocalEndpoint, forget: Callable[[], object]) -> None:
        with self._cloud.lock:
            running = self._fleets.pop(endpoint.arn, NO_FLEET)
        running.stop()
        with self._cloud.change():
            forget()

    def _deploy(self, endpoint: LocalEndpoint, release: Release) -> None:
        """Serve a release, unless a fault is in the way. Raises RuntimeError with the reason it cannot."""
        self._trouble.before_the_start(endpoint)
        fresh = self._start_fleet(endpoint, release)
        try:
            self._trouble.before_the_first_ping(endpoint, release)
            self._trouble.while_it_bakes(endpoint)
        except RuntimeError:
            fresh.stop()
            raise
        self._take_over(endpoint, fresh, release, "InService")

    def _take_over(self, endpoint: LocalEndpoint, fresh: Fleet, release: Release, then: str) -> None:
        """Put a fresh fleet in the place of the one that answers now. Raises RuntimeError with the reason it cannot."""
        with self._cloud.change():
            is_new = release is not endpoint.release
            alarms = firing(endpoint.region, endpoint.deployment) if is_new else []
            retired = fresh if alarms else self._fleets.get(endpoint.arn, NO_FLEET)
            if not alarms:
                self._fleets[endpoint.arn] = fresh
                endpoint.settle(release, then, failure=None if is_new else endpoint.failure_reason)
        retired.stop()
        if alarms:
            raise RuntimeError(f"Alarms in ALARM state during the deployment: {', '.join(alarms)}.")

    def _start_fleet(self, endpoint: LocalEndpoint, release: Release) -> Fleet:
        return fleet.start(self._cloud, endpoint.region, endpoint.endpoint_name, release.containers)

    def _settle(self, endpoint: LocalEndpoint, status: str, failure: str) -> None:
        if not self._cloud.stopping.is_set():
            with self._cloud.change():
                endpoint.give_up(status, failure)
