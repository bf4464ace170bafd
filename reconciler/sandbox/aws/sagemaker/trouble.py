"""What faults do to the creation and the updates of an endpoint."""

from fnmatch import fnmatchcase

from reconciler.sandbox.aws.cloud import Cloud
from reconciler.sandbox.aws.sagemaker import alarms
from reconciler.sandbox.aws.sagemaker.endpoint import LocalEndpoint
from reconciler.sandbox.aws.sagemaker.fleet import UNHEALTHY
from reconciler.sandbox.aws.sagemaker.variants import Release
from reconciler.sandbox.faults.fault import Kind, Standing

NO_CAPACITY = (
    "Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error. "
    "Please retry using a different ML instance type or after some time."
)
SET = "The sandbox was told to let this alarm fire."
UNSET = "The fleet that the alarm fired for is gone."


class Trouble:
    """Meets an endpoint at the points where SageMaker's own trouble does, and says it in SageMaker's words."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._fired: dict[str, str] = {}

    def before_the_start(self, endpoint: LocalEndpoint) -> None:
        """Raises RuntimeError when there are no instances to be had."""
        if self._struck(Kind.CAPACITY, endpoint):
            raise RuntimeError(NO_CAPACITY)

    def before_the_first_ping(self, endpoint: LocalEndpoint, release: Release) -> None:
        """Hang. Raises RuntimeError when the containers never become healthy, or the sandbox is stopped."""
        hung = self._struck(Kind.HANG, endpoint)
        while hung and self._cloud.faults.stands(hung.id):
            self._pause(self._cloud.timing.poll)
        sick = self._struck(Kind.UNHEALTHY, endpoint)
        if sick:
            self._pause(sick.fault.seconds)
            raise RuntimeError(UNHEALTHY.format(variant=release.containers[0].variant))

    def while_it_bakes(self, endpoint: LocalEndpoint) -> None:
        """Let a rollback alarm fire, where there is one. Raises RuntimeError when the sandbox is stopped."""
        candidates = alarms.guarding(endpoint.region, endpoint.deployment)
        struck = self._struck(Kind.ALARM, endpoint) if candidates else None
        chosen = [name for name in candidates if struck and fnmatchcase(name, struck.fault.alarm)]
        if struck and chosen:
            self._pause(struck.fault.seconds)
            self._fired[endpoint.arn] = chosen[0]
            self._switch(endpoint, chosen[0], "ALARM", SET)

    def fails_to_roll_back(self, endpoint: LocalEndpoint) -> bool:
        """Whether a rollback ends in UpdateRollbackFailed."""
        return self._struck(Kind.ROLLBACK_FAILS, endpoint) is not None

    def after_the_rollback(self, endpoint: LocalEndpoint) -> None:
        """Put the alarm back that fired for the sake of a fault."""
        fired = self._fired.pop(endpoint.arn, None)
        if fired:
            self._switch(endpoint, fired, "OK", UNSET)

    def _struck(self, kind: Kind, endpoint: LocalEndpoint) -> Standing | None:
        return next(iter(self._cloud.faults.strike({kind}, endpoint.endpoint_name)), None)

    def _switch(self, endpoint: LocalEndpoint, alarm: str, state: str, reason: str) -> None:
        with self._cloud.change():
            alarms.switch(endpoint.region, alarm, state, reason)

    def _pause(self, seconds: float) -> None:
        if self._cloud.stopping.wait(seconds):
            raise RuntimeError("The sandbox was stopped.")
