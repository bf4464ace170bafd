"""Application Auto Scaling: tags of scalable targets, which the AWS provider reads after each change."""

import json
from typing import Any

from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse

from reconciler.sandbox.aws.patches import Patches

_register = ApplicationAutoScalingResponse.register_scalable_target


def register_scalable_target(self: Any) -> str:
    """Moto drops the tags."""
    answer: str = _register(self)
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


def _tags(self: Any, arn: str = "") -> dict[str, str]:
    """Tags of a target, kept on the backend so that they are saved with it."""
    backend = self.applicationautoscaling_backend
    kept: dict[str, dict[str, str]] = vars(backend).setdefault("tags_of_targets", {})
    return kept.setdefault(arn or self._get_param("ResourceARN"), {})


def install(patches: Patches) -> None:
    """Put these in the place of moto's."""
    operations = (register_scalable_target, list_tags_for_resource, tag_resource, untag_resource)
    patches.operations(ApplicationAutoScalingResponse, *operations)
