"""What the doctor asks of the world. Nothing here changes anything, or waits long."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from reconciler.core.doctor.cloud import Bucket, Identity
    from reconciler.core.doctor.quotas import Quota
    from reconciler.core.doctor.tools import Provider
    from reconciler.core.lease import Seen
    from reconciler.core.statelock import StateLock
    from reconciler.ports.machine import Machine, Sources


class Tools(Protocol):
    """Programs on this machine. Each of these tells a version."""

    def python(self) -> str:
        """Of the Python that runs this."""
        ...

    def git(self) -> str:
        """Raises SettingsMissing, TimedOut."""
        ...

    def terraform(self) -> str:
        """Raises SettingsMissing, TimedOut."""
        ...

    def provider(self) -> Provider:
        """Where Terraform gets the AWS provider from."""
        ...

    def docker(self) -> str:
        """Of the engine that runs. Raises SettingsMissing when there is none, TimedOut."""
        ...

    def has_mlflow(self) -> bool:
        """Whether the package `mlflow` is installed."""
        ...


class Cloud(Protocol):
    """AWS, asked once and without patience. Everything raises ReadFailed."""

    def identity(self) -> Identity:
        """Whose credentials these are."""
        ...

    def region(self, name: str) -> str:
        """EC2's word for whether the account may use it; empty when there is no such region."""
        ...

    def denial(self, service: str) -> str:
        """Read one of `core.doctor.cloud.SERVICES` as a plan does; empty when that is allowed, else what AWS says."""
        ...

    def bucket(self) -> Bucket | None:
        """How the state bucket is kept; None when there is none."""
        ...

    def lease(self) -> Seen | None:
        """The environment's lease; None when nobody ever took it."""
        ...

    def locks(self) -> Mapping[str, StateLock]:
        """Terraform's locks, by the key of the state that each one locks."""
        ...

    def quotas(self, service: str, wanted: Collection[str]) -> Mapping[str, Quota]:
        """Those quotas of a service that AWS tells of."""
        ...


class Tracking(Protocol):
    """The MLflow server. Everything raises ReadFailed."""

    def version(self) -> str:
        """Ask whether it is there; returns its version, or nothing when it does not tell."""
        ...

    def sign_in(self) -> None:
        """Ask something that needs credentials, where the server wants some."""
        ...


@dataclass(frozen=True, slots=True)
class Practice:
    """Everything that the doctor asks."""

    tools: Tools
    cloud: Callable[[], Cloud]
    """Raises SettingsMissing when it cannot even be asked."""
    tracking: Callable[[], Tracking]
    """As `cloud`."""
    sources: Sources
    machine: Machine
