"""Application Auto Scaling: tags and roles of scalable targets, which the AWS provider reads after each change."""

import json
from typing import Any

from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse

from reconciler.sandbox.aws.patches import Patches

LINKED_ROLES = {"ecs": "ECSService", "sagemaker": "SageMakerEndpoint"}
"""https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-service-linked-roles.html."""

_register = ApplicationAutoScalingResponse.register_scalable_target


def register_scalable_target(self: Any) -> str:
    """Moto drops the tags, and leaves a target without the role that AWS has for it."""
    answer: str = _register(self)
    targets = self.applicationautoscaling_backend.targets[self._get_param("ScalableDimension")]
    target = targets[self._get_param("ResourceId")]
    target.role_arn = target.role_arn or _linked_role(self.current_account, self._get_param("ServiceNamespace"))
    _tags(self, json.loads(answer)["ScalableTargetARN"]).update(self._get_param("Tags") or {})
    return answer


def list_tags_for_resource(self: Any) -> str:
    """Moto has none."""
    return json.dumps({"Tags": _tags(self)})


def tag_resource(self: Any) -> str:
    """Moto has none."""
    _tags(self).update(self._get_param("Tags") or {})
    return "{}"


def untag_resource(self: Any) -> str:
    """Moto has none."""
    tags = _tags(self)
    for key in self._get_param("TagKeys") or ():
        tags.pop(key, None)
    return "{}"


def _linked_role(account: str, namespace: str) -> str:
    role = f"AWSServiceRoleForApplicationAutoScaling_{LINKED_ROLES.get(namespace, namespace)}"
    return f"arn:aws:iam::{account}:role/aws-service-role/{namespace}.application-autoscaling.amazonaws.com/{role}"


def _tags(self: Any, arn: str = "") -> dict[str, str]:
    """Tags of a target, kept on the backend so that they are saved with it."""
    backend = self.applicationautoscaling_backend
    kept: dict[str, dict[str, str]] = vars(backend).setdefault("tags_of_targets", {})
    return kept.setdefault(arn or self._get_param("ResourceARN"), {})


def install(patches: Patches) -> None:
    """Put these in the place of moto's."""
    operations = (register_scalable_target, list_tags_for_resource, tag_resource, untag_resource)
    patches.operations(ApplicationAutoScalingResponse, *operations)
