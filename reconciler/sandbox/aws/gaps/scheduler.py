"""EventBridge Scheduler: a role that it cannot take is refused when a schedule is made or changed."""

from typing import Any

from moto.scheduler.exceptions import ValidationException
from moto.scheduler.models import EventBridgeSchedulerBackend

from reconciler.sandbox.aws.clock import roles
from reconciler.sandbox.aws.patches import Patches

_create = EventBridgeSchedulerBackend.create_schedule
_update = EventBridgeSchedulerBackend.update_schedule


def create_schedule(self: Any, **details: Any) -> Any:
    """Moto takes any role."""
    _refuse(self.region_name, details)
    return _create(self, **details)


def update_schedule(self: Any, **details: Any) -> Any:
    """As for a new one."""
    _refuse(self.region_name, details)
    return _update(self, **details)


def _refuse(region: str, details: dict[str, Any]) -> None:
    if not roles.errand(details["target"]["RoleArn"], region, details["group_name"] or "default").trusted:
        raise ValidationException(roles.UNTRUSTED)


def install(patches: Patches) -> None:
    """Put these in the place of moto's."""
    patches.operations(EventBridgeSchedulerBackend, create_schedule, update_schedule)
