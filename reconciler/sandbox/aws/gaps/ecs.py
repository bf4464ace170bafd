"""ECS: services that keep what they were asked for, and are steady at once. No task ever runs."""

from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import camelcase_to_underscores, utcnow
from moto.ecs.responses import EC2ContainerServiceResponse

from reconciler.sandbox.aws.patches import Patches

DEFAULTS: dict[str, Any] = {"availabilityZoneRebalancing": "DISABLED", "platformVersion": "LATEST"}
KEPT = (
    *DEFAULTS,
    "deploymentConfiguration",
    "enableECSManagedTags",
    "enableExecuteCommand",
    "healthCheckGracePeriodSeconds",
)

_create = EC2ContainerServiceResponse.create_service
_update = EC2ContainerServiceResponse.update_service


def create_service(self: Any) -> ActionResult:
    """Moto forgets half of it and never gets its tasks to run."""
    answer = _create(self)
    service = self.ecs_backend.describe_services(self._get_param("cluster", "default"), [_name(self, "serviceName")])
    return _settled(self, answer, service[0][0], DEFAULTS)


def update_service(self: Any) -> ActionResult:
    """Moto leaves the deployment as it was."""
    answer = _update(self)
    service = self.ecs_backend.describe_services(self._get_param("cluster", "default"), [_name(self, "service")])
    return _settled(self, answer, service[0][0], {})


def _settled(self: Any, answer: ActionResult, service: Any, defaults: dict[str, Any]) -> ActionResult:
    given = {name: self._get_param(name, defaults.get(name)) for name in KEPT}
    for name, value in given.items():
        if value is not None:
            setattr(service, camelcase_to_underscores(name), value)
    service.running_count, service.pending_count = service.desired_count, 0
    for deployment in service.deployments:
        deployment.update(_completed(service))
    return answer


def _completed(service: Any) -> dict[str, Any]:  # moto's own object
    return {
        "desiredCount": service.desired_count,
        "runningCount": service.desired_count,
        "pendingCount": 0,
        "rolloutState": "COMPLETED",
        "rolloutStateReason": "ECS deployment completed.",
        "taskDefinition": service.task_definition,
        "updatedAt": utcnow(),
    }


def _name(self: Any, parameter: str) -> str:
    return str(self._get_param(parameter)).rpartition("/")[2]


def install(patches: Patches) -> None:
    """Put these in the place of moto's."""
    patches.operations(EC2ContainerServiceResponse, create_service, update_service)
