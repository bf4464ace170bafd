"""RDS: ids by which instances are told apart, and parameters that somebody set."""

import base64
import os
from collections.abc import Iterable
from typing import Any

from moto.core.responses import ActionResult
from moto.rds.models import DBInstance, DBParameterGroup
from moto.rds.responses import RDSResponse

from reconciler.sandbox.aws.patches import Patches

_init = DBInstance.__init__
_update_parameters = DBParameterGroup.update_parameters


def __init__(self: Any, *positional: Any, **named: Any) -> None:  # noqa: N807 - it takes the place of one
    """Moto gives every instance the same resource id, by which the AWS provider looks for it."""
    _init(self, *positional, **named)
    self.dbi_resource_id = f"db-{base64.b32encode(os.urandom(16)).decode().rstrip('=')}"


def update_parameters(self: Any, new_parameters: Iterable[dict[str, Any]]) -> None:
    """Moto does not tell that a user set them: the AWS provider overlooks all others."""
    _update_parameters(self, [{**parameter, "Source": "user"} for parameter in new_parameters])


def reset_db_parameter_group(self: Any) -> ActionResult:
    """Moto has none."""
    name = self.params["DBParameterGroupName"]
    (group,) = self.backend.describe_db_parameter_groups({"db_parameter_group_name": name})
    named = [one["ParameterName"] for one in self.params.get("Parameters") or ()]
    for parameter in named or list(group.parameters):
        group.parameters.pop(parameter, None)
    return ActionResult({"DBParameterGroupName": name})


def install(patches: Patches) -> None:
    """Put these in the place of moto's."""
    patches.operations(DBInstance, __init__)
    patches.operations(DBParameterGroup, update_parameters)
    patches.operations(RDSResponse, reset_db_parameter_group)
