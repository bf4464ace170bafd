"""An endpoint: what is saved of it, and what DescribeEndpoint tells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from moto.core.utils import utcnow
from moto.sagemaker import models

from reconciler.sandbox.aws.sagemaker.variants import Release, data_capture_summary

if TYPE_CHECKING:
    from reconciler.sandbox.aws.sagemaker.asynchronous import Waiting

Deployment = Mapping[str, Any] | None
"""A `DeploymentConfig`, as it was sent."""

IN_PROGRESS = frozenset({"Creating", "Updating", "RollingBack", "SystemUpdating", "Deleting"})


@dataclass(frozen=True, slots=True)
class Place:
    """Where an endpoint is."""

    account: str
    region: str


@dataclass(frozen=True, slots=True)
class Pending:
    """An update under way."""

    release: Release
    since: datetime


class LocalEndpoint(models.FakeEndpoint):  # type: ignore[misc]  # moto's classes are untyped here
    """Replaces moto's endpoint, which is InService from birth."""

    def __init__(
        self, place: Place, name: str, release: Release, deployment: Deployment, tags: Sequence[Mapping[str, str]]
    ) -> None:
        super().__init__(place.account, place.region, name, release.config_name, [], {}, list(tags))
        self.region = place.region
        self.deployment = deployment
        self.pending: Pending | None = None
        self.backlog: list[Waiting] = []  # asynchronous questions without an answer yet, oldest first
        self.settle(release, "Creating")

    @property
    def in_progress(self) -> bool:
        """Whether it can be neither updated nor deleted."""
        return self.endpoint_status in IN_PROGRESS

    def settle(self, release: Release, status: str = "InService", failure: str | None = None) -> None:
        """Serve this release."""
        self.release = release
        self.endpoint_config_name = release.config_name
        self.production_variants = [dict(one) for one in release.variants]
        self.pending = self.pending if status == "Updating" else None
        self._move(status, failure)

    def begin(self, release: Release, deployment: Deployment) -> None:
        """Start to update to a release."""
        self.pending = Pending(release, utcnow())
        self.deployment = deployment
        self._move("Updating", None)

    def give_up(self, status: str, failure: str) -> None:
        """Go on with what served before, or with nothing."""
        self.pending = self.pending if status == "RollingBack" else None
        self._move(status, failure)

    def go(self, status: str) -> None:
        """Pass into another state, and remember the last failure."""
        self._move(status, self.failure_reason)

    def _move(self, status: str, failure: str | None) -> None:
        self.endpoint_status = status
        self.failure_reason = failure
        self.last_modified_time = utcnow()

    @property
    def response_object(self) -> dict[str, Any]:
        """DescribeEndpoint's answer."""
        answer = {
            "EndpointName": self.endpoint_name,
            "EndpointArn": self.arn,
            "EndpointConfigName": self.endpoint_config_name,
            "EndpointStatus": self.endpoint_status,
            "FailureReason": self.failure_reason,
            "ProductionVariants": self.production_variants,
            "DataCaptureConfig": data_capture_summary(self.release.capture),
            "AsyncInferenceConfig": self.release.asynchronous,
            "LastDeploymentConfig": self.deployment,
            "PendingDeploymentSummary": _summary(self.pending),
            "CreationTime": self.creation_time,
            "LastModifiedTime": self.last_modified_time,
        }
        return {name: value for name, value in answer.items() if value is not None}


def _summary(pending: Pending | None) -> dict[str, Any] | None:
    if pending is None:
        return None
    return {
        "EndpointConfigName": pending.release.config_name,
        "ProductionVariants": list(pending.release.variants),
        "StartTime": pending.since,
    }
